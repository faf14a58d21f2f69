/** Typed events: `emit` calls the listeners of a name in the order in which they came. */
export class Emitter<Events> {
  private readonly listeners = new Map<keyof Events, Array<(detail: never) => void>>();

  on<Name extends keyof Events>(name: Name, listener: (detail: Events[Name]) => void): void {
    const known = this.listeners.get(name);
    if (known) known.push(listener);
    else this.listeners.set(name, [listener]);
  }

  emit<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
    for (const listener of this.listeners.get(name) ?? []) (listener as (detail: Events[Name]) => void)(detail);
  }
}
