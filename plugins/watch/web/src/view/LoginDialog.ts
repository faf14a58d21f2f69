import type { Account } from '../server/Account';
import { ServerRefusal } from '../server/Envelope';
import { byId, create, setText } from './Dom';

interface Field {
  name: string;
  label: string;
  type: 'email' | 'text' | 'password';
  /** What password managers fill in. */
  autocomplete: (isNew: boolean) => AutoFill;
  onlyNew?: boolean;
}

const FIELDS: Field[] = [
  { name: 'email', label: 'E-mail address', type: 'email', autocomplete: () => 'email' },
  { name: 'username', label: 'User name', type: 'text', autocomplete: () => 'username', onlyNew: true },
  {
    name: 'password',
    label: 'Password',
    type: 'password',
    autocomplete: (isNew) => (isNew ? 'new-password' : 'current-password'),
  },
];

/** Logs in, or makes an account; each field says what is wrong with it. */
export class LoginDialog {
  private readonly dialog = byId<HTMLDialogElement>('login');
  private readonly form = byId<HTMLFormElement>('login-form');
  private readonly submit = byId<HTMLButtonElement>('login-submit');
  private readonly rows = new Map<string, { row: HTMLElement; input: HTMLInputElement; problem: HTMLElement }>();
  private isNew = false;

  constructor(private readonly account: Account) {
    for (const field of FIELDS) this.addField(field);
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.send();
    });
    byId('login-cancel').addEventListener('click', () => this.dialog.close());
    byId('login-switch').addEventListener('click', () => this.choose(!this.isNew));
    this.dialog.addEventListener('close', () => this.form.reset());
  }

  open(): void {
    this.choose(false);
    this.dialog.showModal();
    this.rows.get('email')?.input.focus();
  }

  private addField({ name, label, type }: Field): void {
    const id = `login-${name}`;
    const input = create('input', { type, name, id, required: true, dataset: { testid: id } });
    input.setAttribute('aria-describedby', `${id}-problem`);
    const problem = create('p', { className: 'login-problem', id: `${id}-problem`, dataset: { testid: `${id}-problem` } });
    const row = create('div', { className: 'login-field' }, create('label', { htmlFor: id }, label), input, problem);
    byId('login-fields').append(row);
    this.rows.set(name, { row, input, problem });
  }

  private choose(isNew: boolean): void {
    this.isNew = isNew;
    const title = isNew ? 'Make an account' : 'Log in';
    setText(byId('login-title'), title);
    setText(this.submit, title);
    setText(byId('login-switch-text'), isNew ? 'You have an account?' : 'You have no account?');
    setText(byId('login-switch'), isNew ? 'Log in' : 'Make one');
    for (const { name, autocomplete, onlyNew } of FIELDS) {
      const { row, input } = this.rows.get(name)!;
      row.hidden = onlyNew === true && !isNew;
      input.disabled = row.hidden;
      input.autocomplete = autocomplete(isNew);
    }
    this.clear();
  }

  private clear(): void {
    setText(byId('login-problem'), '');
    for (const { input, problem } of this.rows.values()) {
      setText(problem, '');
      input.removeAttribute('aria-invalid');
    }
  }

  private async send(): Promise<void> {
    const value = (name: string): string => this.rows.get(name)!.input.value;
    this.clear();
    this.submit.disabled = true;
    try {
      if (this.isNew) await this.account.register(value('email'), value('username'), value('password'));
      else await this.account.login(value('email'), value('password'));
      this.dialog.close();
    } catch (error) {
      this.tell(error);
    } finally {
      this.submit.disabled = false;
    }
  }

  private tell(error: unknown): void {
    if (!(error instanceof ServerRefusal)) {
      setText(byId('login-problem'), 'The server cannot be reached. Try again in a moment.');
      return;
    }
    const fields = problemsOf(error).filter(({ field, message }) => this.mark(field, message));
    if (fields.length === 0) setText(byId('login-problem'), error.message);
    else this.rows.get(fields[0].field)?.input.focus();
  }

  private mark(name: string, message: string): boolean {
    const row = this.rows.get(name);
    if (!row || row.row.hidden) return false;
    setText(row.problem, message);
    row.input.setAttribute('aria-invalid', 'true');
    return true;
  }
}

/** The fields that a refusal names, each with what is wrong. */
function problemsOf(refusal: ServerRefusal): Array<{ field: string; message: string }> {
  const details = refusal.details as
    | { field?: string; fields?: Array<{ field: string; message: string }> }
    | undefined;
  if (details?.fields) return details.fields;
  return details?.field ? [{ field: details.field, message: refusal.message }] : [];
}
