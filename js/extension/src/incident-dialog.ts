import { Dialog } from '@jupyterlab/apputils';
import { Widget } from '@lumino/widgets';

import { element, toneSign } from './dom';
import { emptyForm, readForm } from './incident-form';
import type { IFormProblem, IIncidentForm } from './incident-form';
import type { IIncident } from './incident-link';

/**
 * What a person chose: an incident, and the template of its notebook.
 */
export interface IIncidentChoice {
  readonly incident: IIncident;
  readonly template: string;
}

type Field = keyof IIncidentForm;

const ACCEPT = 1;
const FIELDS: readonly { readonly name: Field; readonly label: string; readonly help: string }[] = [
  { name: 'title', label: 'Title', help: 'What is wrong, as you would say it to a colleague.' },
  { name: 'service', label: 'Service', help: 'Whose users notice it; may stay empty.' },
  { name: 'start', label: 'Window from (UTC)', help: '' },
  {
    name: 'end',
    label: 'Window to (UTC)',
    help: 'The last five minutes, unless you change them. Running the notebook again asks about the same minutes.'
  }
];

/**
 * Ask for an incident until there is one that can be used.
 *
 * @param templates - the paths to choose from; the first is chosen until the person takes another.
 * @returns null when the person cancels.
 */
export async function askForIncident(
  templates: readonly string[]
): Promise<IIncidentChoice | null> {
  const result = await new IncidentDialog(new IncidentForm(templates, new Date())).launch();
  return result.button.accept ? result.value : null;
}

/**
 * A dialog that stays open, with what was written, while something in it is wrong.
 */
class IncidentDialog extends Dialog<IIncidentChoice | null> {
  constructor(form: IncidentForm) {
    super({
      title: 'New incident',
      body: form,
      focusNodeSelector: 'input',
      buttons: [Dialog.cancelButton(), Dialog.okButton({ label: 'Open Notebook' })],
      defaultButton: ACCEPT
    });
    this._form = form;
    this.node.setAttribute('aria-label', 'New incident');
  }

  override resolve(index: number = ACCEPT): void {
    if (index !== ACCEPT || this._form.check()) {
      super.resolve(index);
    }
  }

  private readonly _form: IncidentForm;
}

/**
 * The body of the dialog: four fields, the template where there is a choice, and what is wrong with each.
 */
class IncidentForm extends Widget implements Dialog.IBodyWidget<IIncidentChoice | null> {
  constructor(templates: readonly string[], now: Date) {
    super({ node: element('div') });
    this.addClass('casebook-Incident');
    const empty = emptyForm(now);
    for (const { name, label, help } of FIELDS) {
      const id = `casebook-incident-${name}`;
      const input = element('input', {
        id,
        class: 'jp-mod-styled',
        type: 'text',
        value: empty[name],
        autocomplete: 'off',
        spellcheck: 'false',
        'aria-describedby': `${id}-problem ${id}-help`
      });
      const problem = element('p', {
        id: `${id}-problem`,
        class: 'casebook-Incident-problem',
        role: 'alert'
      });
      input.addEventListener('input', () => {
        this._show(name, null);
      });
      this._inputs.set(name, { input, problem });
      this.node.append(
        element('label', { for: id }, label),
        input,
        problem,
        element('p', { id: `${id}-help`, class: 'casebook-Incident-help' }, help)
      );
    }
    this._template = element(
      'select',
      { id: 'casebook-incident-template', class: 'jp-mod-styled' },
      ...templates.map(path => element('option', { value: path }, templateName(path)))
    );
    if (templates.length > 1) {
      this.node.append(
        element('label', { for: 'casebook-incident-template' }, 'Template'),
        element('div', { class: 'jp-select-wrapper' }, this._template)
      );
    }
  }

  /**
   * Show everything that is wrong, and go to the first of it.
   *
   * @returns whether the form can be used.
   */
  check(): boolean {
    const read = this._read();
    const problems = isProblems(read) ? read : [];
    for (const name of this._inputs.keys()) {
      this._show(name, problems.find(({ field }) => field === name) ?? null);
    }
    const [first] = problems;
    if (first) {
      this._inputs.get(first.field)?.input.focus();
    }
    return problems.length === 0;
  }

  /**
   * What was chosen; null while something is wrong.
   */
  getValue(): IIncidentChoice | null {
    const read = this._read();
    return isProblems(read) ? null : { incident: read, template: this._template.value };
  }

  private _read(): IIncident | readonly IFormProblem[] {
    const text = (name: Field): string => this._inputs.get(name)?.input.value ?? '';
    const form = {
      title: text('title'),
      service: text('service'),
      start: text('start'),
      end: text('end')
    };
    return readForm(form, new Date());
  }

  private _show(name: Field, problem: IFormProblem | null): void {
    const field = this._inputs.get(name);
    field?.input.setAttribute('aria-invalid', String(problem !== null));
    field?.problem.replaceChildren(...(problem ? [toneSign('bad'), ` ${problem.message}`] : []));
  }

  private readonly _inputs = new Map<
    Field,
    { readonly input: HTMLInputElement; readonly problem: HTMLElement }
  >();
  private readonly _template: HTMLSelectElement;
}

function isProblems(read: IIncident | readonly IFormProblem[]): read is readonly IFormProblem[] {
  return Array.isArray(read);
}

function templateName(path: string): string {
  return path.replace(/^.*\//, '').replace(/\.ipynb$/, '');
}
