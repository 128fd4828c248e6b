import { oneLine, readIncident, rfc3339 } from './incident-link';
import type { IIncident } from './incident-link';

/**
 * What a person wrote of an incident.
 */
export interface IIncidentForm {
  readonly title: string;
  readonly service: string;
  readonly start: string;
  readonly end: string;
}

/**
 * A field that cannot be used, and what to do about it, in sentences.
 */
export interface IFormProblem {
  readonly field: keyof IIncidentForm;
  readonly message: string;
}

const MAX_HOURS = 24;
const HOUR_MS = 3_600_000;

/**
 * A clock may be behind the one that the person read the time from.
 */
const AHEAD_MS = 60_000;

/**
 * The form before anyone writes into it: the last five minutes, in UTC and absolute.
 */
export function emptyForm(now: Date): IIncidentForm {
  const incident = readIncident('?incident=', now);
  return {
    title: '',
    service: '',
    start: incident ? rfc3339(incident.start) : '',
    end: incident ? rfc3339(incident.end) : ''
  };
}

/**
 * Read a form.
 *
 * @returns the incident, or everything that is wrong with the form.
 */
export function readForm(form: IIncidentForm, now: Date): IIncident | readonly IFormProblem[] {
  const title = oneLine(form.title);
  const start = readTime(form.start);
  const end = readTime(form.end);
  const problems: IFormProblem[] = [];
  if (!title) {
    problems.push({
      field: 'title',
      message: 'Give the incident a title: the file and its records are named after it.'
    });
  }
  if (!start) {
    problems.push(notATime('start', form.start));
  }
  if (!end) {
    problems.push(notATime('end', form.end));
  }
  if (start && end) {
    problems.push(...windowProblems(start, end, now));
  }
  return start && end && problems.length === 0
    ? { title, service: oneLine(form.service), start, end }
    : problems;
}

function windowProblems(start: Date, end: Date, now: Date): IFormProblem[] {
  const hours = (end.getTime() - start.getTime()) / HOUR_MS;
  if (hours <= 0) {
    const message = `The window has to end after its start, ${rfc3339(start)}. Exchange the two, or give a later end.`;
    return [{ field: 'end', message }];
  }
  if (end.getTime() > now.getTime() + AHEAD_MS) {
    const message = `That is in the future: it is ${rfc3339(now)} now. There are no samples yet; give an end in the past.`;
    return [{ field: 'end', message }];
  }
  if (hours > MAX_HOURS) {
    const message =
      `The window is ${hours.toFixed(1)} hours long, and may have ${MAX_HOURS}. Take the minutes in which it began: ` +
      'a cell can ask for longer ones by start= and end=.';
    return [{ field: 'start', message }];
  }
  return [];
}

function notATime(field: 'start' | 'end', text: string): IFormProblem {
  const what = oneLine(text).slice(0, 40);
  return {
    field,
    message:
      `${what ? `“${what}” is not a time` : 'There is no time'}. ` +
      'Write date and time in UTC, such as 2026-11-22T07:00:00Z or 2026-11-22 07:00.'
  };
}

/**
 * Read a time as people write it: date and time, in UTC unless an offset says otherwise; null when it is none.
 */
function readTime(text: string): Date | null {
  const found =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d(?:\.\d+)?)? ?(Z|UTC|[+-]\d\d:\d\d)?$/i.exec(
      text.trim()
    );
  if (!found) {
    return null;
  }
  const [, day = '', minute = '', second = ':00', zone = 'Z'] = found;
  const offset = /^utc$/i.test(zone) ? 'Z' : zone.toUpperCase();
  const date = new Date(`${day}T${minute}${second}${offset}`);
  // A day that the month does not have would become one of the next month.
  const midnight = new Date(`${day}T00:00:00Z`);
  const isDay = !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
  return isDay && !Number.isNaN(date.getTime()) ? date : null;
}
