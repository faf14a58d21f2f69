import type { PluginStatus, ServerStatus } from '../server/ServerStatus';
import { byId, create, setText } from './Dom';

/** The server's plugins, each with version, state and generation; a new generation lights up. */
export class PluginPanel {
  private readonly rows = new Map<string, { element: HTMLElement; generation: HTMLElement }>();

  constructor(
    private readonly list: HTMLElement,
    status: ServerStatus,
  ) {
    status.on('swap', ({ plugin, to }) => {
      const row = this.rows.get(plugin);
      if (row) flash(row.generation);
      setText(byId('plugin-news'), `Plugin ${plugin} was swapped; generation ${to} serves.`);
    });
    status.on('readiness', ({ plugins }) => this.show(plugins));
  }

  private show(plugins: PluginStatus[]): void {
    for (const [id, { element }] of this.rows) {
      if (plugins.some((plugin) => plugin.id === id)) continue;
      element.remove();
      this.rows.delete(id);
    }
    if (plugins.length === 0) setText(this.list, 'No plugin is enabled.');
    for (const plugin of plugins) this.showOne(plugin);
  }

  private showOne(plugin: PluginStatus): void {
    let row = this.rows.get(plugin.id);
    if (!row) {
      if (this.rows.size === 0) this.list.replaceChildren();
      const generation = create('span', { className: 'plugin-generation' });
      const element = create(
        'li',
        { dataset: { plugin: plugin.id } },
        create('span', { className: 'dot', ariaHidden: 'true' }),
        create('span', { className: 'plugin-name' }, plugin.id),
        create('span', { className: 'plugin-version' }),
        create('span', { className: 'plugin-state' }),
        generation,
        create('span', { className: 'plugin-detail' }),
      );
      this.list.append(element);
      row = { element, generation };
      this.rows.set(plugin.id, row);
    }
    const { element, generation } = row;
    const health = plugin.health?.status ?? 'up';
    element.dataset.state = plugin.state;
    element.dataset.health = health;
    element.dataset.generation = String(plugin.generation);
    const part = (name: string): Element => element.querySelector(`.plugin-${name}`) as Element;
    setText(part('version'), plugin.version);
    setText(part('state'), plugin.state === 'serving' && health !== 'up' ? health : plugin.state);
    generation.hidden = plugin.generation === 0;
    setText(generation, `gen ${plugin.generation}`);
    generation.title = `Generation ${plugin.generation}: how many times this server has loaded the plugin`;
    setText(part('detail'), plugin.error || plugin.health?.detail || '');
  }
}

function flash(element: HTMLElement): void {
  element.classList.remove('flash');
  // Reading the layout starts the animation again when it is still running.
  void element.offsetWidth;
  element.classList.add('flash');
}
