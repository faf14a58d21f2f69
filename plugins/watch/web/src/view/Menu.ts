import { create, setText } from './Dom';
import { icon, type IconName } from './Icons';

export interface Choice {
  label: string;
  detail?: string;
  selected: boolean;
  choose(): void;
}

let opened: Menu | undefined;

/** A button that opens a list of choices, by pointer and by keyboard as the ARIA menu button pattern has it. */
export class Menu {
  readonly element: HTMLElement;
  private readonly button: HTMLButtonElement;
  private readonly caption?: HTMLSpanElement;
  private readonly list: HTMLUListElement;
  private choices: Choice[] = [];

  /** With `symbol` the button shows it, without it shows the caption given to update(). */
  constructor(
    private readonly name: string,
    id: string,
    symbol?: IconName,
  ) {
    this.button = create('button', { type: 'button', className: 'control', id: `${id}-button`, disabled: true });
    this.button.setAttribute('aria-haspopup', 'menu');
    this.button.setAttribute('aria-expanded', 'false');
    this.button.setAttribute('aria-label', name);
    this.button.title = name;
    if (symbol) {
      this.button.append(icon(symbol));
    } else {
      this.caption = create('span', { className: 'control-caption' });
      this.button.classList.add('control-text');
      this.button.append(this.caption);
    }
    this.list = create('ul', { className: 'menu', id: `${id}-menu`, hidden: true, role: 'menu' });
    this.list.setAttribute('aria-label', name);
    this.element = create('div', { className: 'menu-holder' }, this.button, this.list);
    this.button.addEventListener('click', () => (this.list.hidden ? this.open() : this.close()));
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    this.element.addEventListener('focusout', (event) => {
      if (!this.element.contains(event.relatedTarget as Node | null)) this.close();
    });
  }

  /** Shows these choices; with fewer than two the button is disabled. */
  update(choices: Choice[], caption = ''): void {
    this.choices = choices;
    this.button.disabled = choices.length < 2;
    if (this.button.disabled) this.close();
    if (this.caption) setText(this.caption, caption);
    const current = choices.find(({ selected }) => selected)?.label ?? '';
    this.button.setAttribute('aria-label', current ? `${this.name}: ${current}` : this.name);
    if (!this.list.hidden) this.render();
  }

  private render(): void {
    const focused = [...this.list.children].indexOf(document.activeElement as Element);
    this.list.replaceChildren(
      ...this.choices.map((choice) => {
        const item = create('li', { tabIndex: -1, role: 'menuitemradio' }, create('span', {}, choice.label));
        if (choice.detail) item.append(create('span', { className: 'menu-detail' }, choice.detail));
        item.setAttribute('aria-checked', String(choice.selected));
        item.addEventListener('click', () => this.pick(choice));
        return item;
      }),
    );
    if (focused >= 0) (this.list.children[focused] as HTMLElement | undefined)?.focus();
  }

  private open(): void {
    opened?.close();
    opened = this;
    this.list.hidden = false;
    this.button.setAttribute('aria-expanded', 'true');
    this.render();
    const selected = this.choices.findIndex((choice) => choice.selected);
    (this.list.children[Math.max(0, selected)] as HTMLElement | undefined)?.focus();
  }

  private close(): void {
    if (opened === this) opened = undefined;
    this.list.hidden = true;
    this.button.setAttribute('aria-expanded', 'false');
  }

  private pick(choice: Choice): void {
    this.button.focus();
    this.close();
    choice.choose();
  }

  private onKey(event: KeyboardEvent): void {
    if (this.list.hidden) {
      if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
      this.open();
    } else {
      const items = [...this.list.children] as HTMLElement[];
      const at = items.indexOf(document.activeElement as HTMLElement);
      const moves: Record<string, number> = {
        ArrowDown: (at + 1) % items.length,
        ArrowUp: (at - 1 + items.length) % items.length,
        Home: 0,
        End: items.length - 1,
      };
      if (event.key in moves) items[moves[event.key]].focus();
      else if (event.key === 'Enter' || event.key === ' ') this.pick(this.choices[Math.max(0, at)]);
      else if (event.key === 'Escape') this.button.focus(), this.close();
      else return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
