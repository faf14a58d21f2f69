import type { Source } from '../playback/PlaybackSession';
import type { Format, PlayerId } from '../players/PlayerAdapter';
import { FORMATS, PLAYERS, plays } from '../players/Players';
import { byId, create } from './Dom';

/** The choice of player and format. Formats that the chosen player cannot play are there, and disabled. */
export class SourceSwitch {
  private readonly players: HTMLInputElement[];
  private readonly formats: HTMLInputElement[];

  constructor(choose: (how: { player?: PlayerId; format?: Format }) => void) {
    this.players = radios('player', byId('player-switch'), PLAYERS, (player) => choose({ player }));
    this.formats = radios('format', byId('format-switch'), FORMATS, (format) => choose({ format }));
  }

  show({ player, format }: Source): void {
    for (const input of this.players) {
      input.disabled = false;
      input.checked = input.value === player;
    }
    for (const input of this.formats) {
      const possible = plays(player, input.value as Format);
      input.disabled = !possible;
      input.checked = input.value === format;
      (input.parentElement as HTMLElement).title = possible ? '' : `${player} does not play this format`;
    }
  }
}

function radios<Id extends string>(
  name: string,
  holder: HTMLElement,
  options: ReadonlyArray<{ id: Id; label: string }>,
  choose: (id: Id) => void,
): HTMLInputElement[] {
  const row = create('div', { className: 'segments' });
  holder.append(row);
  return options.map(({ id, label }) => {
    const input = create('input', { type: 'radio', name, value: id, disabled: true, id: `${name}-${id}` });
    input.addEventListener('change', () => choose(id));
    row.append(create('label', {}, input, create('span', {}, label)));
    return input;
  });
}
