import type { IHealth } from './proxy-api';
import type { IConnectionStatus } from './tokens';

/**
 * How bad it is: colours are chosen by it, and a sign stands beside each colour.
 */
export type Tone = 'ok' | 'warn' | 'bad';

/**
 * The connection in a few words.
 */
export interface ISummary {
  readonly tone: Tone;
  readonly text: string;
}

/**
 * Say in a few words how the page stands with the proxy and its sources.
 */
export function summarize(status: IConnectionStatus): ISummary {
  const user = status.session?.user ?? '';
  switch (status.state) {
    case 'connecting':
      return { tone: 'warn', text: 'connecting' };
    case 'signed-out':
      return { tone: 'bad', text: 'signed out' };
    case 'unreachable':
      return { tone: 'bad', text: 'proxy does not answer' };
    case 'mismatch':
      return { tone: 'bad', text: 'versions differ' };
    case 'no-proxy':
      return { tone: 'warn', text: 'no proxy' };
    case 'online':
      return { tone: sourcesTone(status), text: `${user}, ${sourcesText(status)}` };
  }
}

/**
 * Say how bad the health of one source is.
 */
export function healthTone(health: IHealth): Tone {
  return health.state === 'up' ? 'ok' : health.state === 'down' ? 'bad' : 'warn';
}

function sourcesTone(status: IConnectionStatus): Tone {
  const tones = (status.catalog?.sources ?? []).map(source => healthTone(source.health));
  return tones.includes('bad') ? 'bad' : tones.every(tone => tone === 'ok') ? 'ok' : 'warn';
}

function sourcesText(status: IConnectionStatus): string {
  const sources = status.catalog?.sources ?? [];
  if (sources.length === 0) {
    return 'no source';
  }
  const troubled = sources.filter(source => source.health.state !== 'up');
  if (troubled.length === 0) {
    return sources.length === 1 ? `${sources[0]?.name} up` : `${sources.length} sources up`;
  }
  return troubled.map(source => `${source.name} ${source.health.state}`).join(', ');
}
