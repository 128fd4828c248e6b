import { Poll } from '@lumino/polling';
import type { IDisposable } from '@lumino/disposable';

import { element, toneSign, utc } from './dom';
import type { IPlanOutput, PlanState } from './plan-output';
import { ProxyError } from './proxy-api';
import type { IPlan, ProxyApi } from './proxy-api';

const WORDS: Readonly<Record<PlanState, string>> = {
  waiting: 'Waiting for an approval.',
  approved: 'Approved, and not begun.',
  applying: 'Running on the host.',
  applied: 'Done.',
  undone: 'Done, and undone.',
  cancelled: 'Cancelled.',
  refused: 'Refused.',
  expired: 'Expired.',
  failed: 'Failed.',
  unknown: 'Nobody saw how it ended.'
};

const TONES: Readonly<Record<PlanState, 'ok' | 'warn' | 'bad' | null>> = {
  waiting: 'warn',
  approved: 'warn',
  applying: 'warn',
  applied: 'ok',
  undone: 'ok',
  cancelled: null,
  refused: 'bad',
  expired: 'bad',
  failed: 'bad',
  unknown: 'bad'
};

/**
 * A plan that a cell waits for, with a button that takes it back.
 *
 * What is shown is what the output says, until the proxy has been asked. Only what the proxy says can be acted upon: the
 * output may be of yesterday, or of a notebook that lies about where plans are approved.
 */
export class PlanView implements IDisposable {
  /**
   * @param options - whom to ask, and how often.
   */
  constructor(options: PlanView.IOptions) {
    this._api = options.api;
    this._poll = new Poll({
      name: 'casebook:plan',
      auto: false,
      factory: () => this._ask(),
      standby: options.standby ?? 'when-hidden',
      frequency: { interval: options.interval ?? 5000, backoff: true, max: 30_000 }
    });
    this._cancel.addEventListener('click', () => void this._takeBack());
    this.node.append(this._state, this._facts, this._way, this._problem, this._buttons);
  }

  /**
   * The element to show.
   */
  readonly node = element('section', { class: 'casebook-Plan', 'aria-label': 'Plan' });

  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  /**
   * Show what the kernel says, and ask the proxy whether that is still so.
   */
  show(output: IPlanOutput): void {
    if (this._plan?.id !== output.id) {
      this._plan = null;
      this._problemText = '';
    }
    this._output = output;
    this._draw();
    if (isOver(output.state)) {
      void this._poll.stop();
    } else {
      void this._poll.refresh();
    }
  }

  dispose(): void {
    this._poll.dispose();
  }

  private async _ask(): Promise<void> {
    const output = this._output;
    if (!output) {
      return;
    }
    try {
      this._hear(await this._api.plan(output.id));
    } catch (error) {
      this._plan = null;
      this._problemText = message(error);
      this._draw();
      if (error instanceof ProxyError && error.kind === 'refused') {
        // It does not know the plan, and will not know it later.
        void this._poll.stop();
        return;
      }
      throw error;
    }
  }

  private async _takeBack(): Promise<void> {
    const plan = this._plan;
    if (!plan) {
      return;
    }
    this._busy = true;
    this._problemText = '';
    this._draw();
    try {
      this._hear(await this._api.cancelPlan(plan.id));
    } catch (error) {
      // It may have been begun a moment ago: what it says now is more useful than the refusal alone.
      const problem = message(error);
      await this._poll.refresh();
      await this._poll.tick.catch(() => undefined);
      this._problemText = problem;
    } finally {
      this._busy = false;
      this._draw();
    }
  }

  private _hear(plan: IPlan): void {
    // An answer that was on its way while the plan was cancelled must not open it again.
    const isLate = this._plan !== null && isOver(this._plan.state) && !isOver(plan.state);
    if (plan.id !== this._output?.id || isLate || this.isDisposed) {
      return;
    }
    this._plan = plan;
    this._problemText = '';
    this._draw();
    if (isOver(plan.state)) {
      void this._poll.stop();
    }
  }

  private _draw(): void {
    const output = this._output;
    if (!output || this.isDisposed) {
      return;
    }
    const plan = isOver(output.state) ? null : this._plan;
    const state = plan?.state ?? output.state;
    const tone = TONES[state];
    // What nobody could confirm is told as what it is: how it stood when the notebook was saved.
    const isStale = !plan && !isOver(state);
    this.node.className = `casebook-Plan${tone ? ` casebook-mod-${tone}` : ''}`;
    setText(
      this._state,
      ...(tone ? [toneSign(tone), ' '] : []),
      element('strong', {}, isStale ? `When last seen: ${lower(WORDS[state])}` : WORDS[state]),
      ` ${plan?.what ?? output.what}.`,
      ...said(plan?.outcome ?? output.outcome)
    );
    const until = plan?.expiresAt ?? output.expiresAt;
    const facts = [
      ...(until && isOpen(state) ? [`It expires at ${utc(until)}.`] : []),
      ...said(output.note).map(note => note.trim())
    ];
    setText(this._facts, facts.join(' '));
    this._facts.hidden = facts.length === 0;
    this._drawWay(plan);
    setText(
      this._problem,
      ...(this._problemText ? [toneSign('bad'), ` ${this._problemText}`] : [])
    );
    this._drawButton(plan, state);
  }

  private _drawWay(plan: IPlan | null): void {
    const url = plan?.state === 'waiting' ? plan.approveUrl : '';
    this._way.hidden = !url;
    // Left alone while it stays the same, so that it keeps the keyboard.
    if (this._way.querySelector('a')?.href !== url) {
      setText(
        this._way,
        ...(url
          ? [
              element(
                'a',
                { href: url, target: '_blank', rel: 'noopener noreferrer' },
                'Open the approval page'
              ),
              ": it asks for the code on the proxy's terminal, and can refuse the plan too."
            ]
          : [])
      );
    }
  }

  private _drawButton(plan: IPlan | null, state: PlanState): void {
    const hadFocus = this._cancel.ownerDocument.activeElement === this._cancel;
    this._buttons.hidden = !isOpen(state);
    this._cancel.disabled = this._busy || !plan || !isOpen(plan.state);
    this._cancel.textContent = this._busy ? 'Cancelling…' : 'Cancel the plan';
    if (hadFocus && this._cancel.disabled) {
      this._state.focus();
    }
  }

  private readonly _api: ProxyApi;
  private readonly _poll: Poll;
  private readonly _state = element('p', { role: 'status', tabindex: '-1' });
  private readonly _facts = element('p');
  private readonly _way = element('p');
  private readonly _problem = element('p', { role: 'alert' });
  private readonly _cancel = element('button', { type: 'button', class: 'jp-mod-styled' });
  // JupyterLab's shortcuts must not take the button's own keys: Enter would begin to edit the cell.
  private readonly _buttons = element(
    'div',
    { class: 'casebook-Plan-buttons', 'data-lm-suppress-shortcuts': 'true' },
    this._cancel
  );
  private _output: IPlanOutput | null = null;
  private _plan: IPlan | null = null;
  private _problemText = '';
  private _busy = false;
}

/**
 * A namespace for `PlanView` statics.
 */
export namespace PlanView {
  /**
   * How to make a `PlanView`.
   */
  export interface IOptions {
    /**
     * How to ask the proxy.
     */
    api: ProxyApi;

    /**
     * How often to ask while the plan is open, in milliseconds; 5 s unless told.
     */
    interval?: number;

    /**
     * When not to ask.
     */
    standby?: Poll.Standby;
  }
}

/**
 * Whether it can still be taken back.
 */
function isOpen(state: PlanState): boolean {
  return state === 'waiting' || state === 'approved';
}

/**
 * Whether nothing happens to it by itself any more.
 */
function isOver(state: PlanState): boolean {
  return !isOpen(state) && state !== 'applying';
}

/**
 * Replace what an element holds, unless it says the same already: what is announced to a screen reader is announced once.
 */
function setText(node: HTMLElement, ...children: readonly (Node | string)[]): void {
  const next = element('div', {}, ...children);
  if (next.innerHTML !== node.innerHTML) {
    node.replaceChildren(...next.childNodes);
  }
}

function said(text: string): string[] {
  return text ? [` ${text}`] : [];
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
