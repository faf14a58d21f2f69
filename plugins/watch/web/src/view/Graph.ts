import uPlot from 'uplot';

import { SAMPLES_PER_SECOND, type Sample } from '../playback/Sampler';
import type { Swap } from '../server/ServerStatus';
import { create, setText } from './Dom';
import { bitRate } from './Format';

const WINDOW_SECONDS = 60;
const STRIP_HEIGHT = 76;
const AXIS_WIDTH = 64;

interface StripKind {
  id: string;
  label: string;
  colour: string;
  stepped: boolean;
  read(sample: Sample): number | null;
  text(value: number): string;
  axisText(value: number): string;
  /** The highest value of the axis for the highest value shown. */
  top(most: number): number;
  /** Where the axis has its lines, for the heights shown. */
  lines(top: number, shown: number[]): number[];
}

const STRIPS: readonly StripKind[] = [
  {
    id: 'bandwidth',
    label: 'Bandwidth',
    colour: '--graph-bandwidth',
    stepped: false,
    read: (sample) => sample.bitsPerSecond,
    text: bitRate,
    axisText: (value) => bitRate(value).replace('.0 ', ' ').replace('bit/s', ''),
    top: (most) => Math.max(most * 1.15, 1e6),
    lines: roundSteps,
  },
  {
    id: 'buffer',
    label: 'Buffer',
    colour: '--graph-buffer',
    stepped: false,
    read: (sample) => sample.bufferSeconds,
    text: (value) => `${value.toFixed(1)} s`,
    axisText: (value) => `${value} s`,
    top: (most) => Math.max(most * 1.15, 10),
    lines: roundSteps,
  },
  {
    id: 'rendition',
    label: 'Rendition',
    colour: '--graph-rendition',
    stepped: true,
    read: (sample) => sample.height,
    text: (value) => `${value}p`,
    axisText: (value) => `${value}p`,
    top: (most) => Math.max(most * 1.2, 480),
    lines: distinctHeights,
  },
];

/** Multiples of 1, 2 or 5 times a power of ten, from zero on: at most four above it. */
function roundSteps(top: number): number[] {
  const power = 10 ** Math.floor(Math.log10(top / 4));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => top / candidate < 5) ?? top;
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, index) => index * step);
}

/** The heights shown, highest first, without those whose labels would meet; and zero. */
function distinctHeights(top: number, shown: number[]): number[] {
  const apart = top / 6;
  const lines: number[] = [];
  for (const height of [...shown].sort((a, b) => b - a)) {
    if (height >= apart && (lines.at(-1) ?? Number.POSITIVE_INFINITY) - height >= apart) lines.push(height);
  }
  return [0, ...lines.reverse()];
}

/** Three strips over one minute that moves on: bandwidth, buffer, rendition; a line where a plugin was swapped. */
export class Graph {
  private samples: Sample[] = [];
  private swaps: Array<Swap & { time: number }> = [];
  private readonly strips: Array<{ kind: StripKind; value: HTMLElement; holder: HTMLElement; plot?: uPlot }>;

  constructor(private readonly element: HTMLElement) {
    this.strips = STRIPS.map((kind) => {
      const value = create('span', { className: 'strip-value', dataset: { testid: `graph-${kind.id}` } }, '–');
      const holder = create('div', { className: 'strip-plot' });
      const heading = create('div', { className: 'strip-heading' }, create('span', {}, kind.label), value);
      const strip = create('div', { className: 'strip', dataset: { strip: kind.id } }, heading, holder);
      element.append(strip);
      return { kind, value, holder };
    });
    element.append(create('div', { className: 'strip-times' }, create('span', {}, '60 s ago'), create('span', {}, 'now')));
    this.rebuild();
    new ResizeObserver(() => this.resize()).observe(element);
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.rebuild());
  }

  add(sample: Sample): void {
    const oldest = sample.time - WINDOW_SECONDS - 1;
    this.samples.push(sample);
    this.samples = this.samples.slice(-(WINDOW_SECONDS + 2) * SAMPLES_PER_SECOND).filter(({ time }) => time >= oldest);
    this.swaps = this.swaps.filter(({ time }) => time >= oldest);
    for (const { kind, value } of this.strips) {
      const now = kind.read(sample);
      setText(value, now === null ? '–' : kind.text(now));
    }
    this.draw();
  }

  markSwap(swap: Swap): void {
    this.swaps.push({ ...swap, time: performance.now() / 1000 });
    this.element.dataset.swaps = String(Number(this.element.dataset.swaps ?? 0) + 1);
    this.draw();
  }

  private draw(): void {
    const now = this.samples.at(-1)?.time ?? performance.now() / 1000;
    const times = this.samples.map(({ time }) => time);
    for (const { kind, plot } of this.strips) {
      plot?.batch(() => {
        plot.setData([times, this.samples.map(kind.read)], false);
        plot.setScale('x', { min: now - WINDOW_SECONDS, max: now });
        const most = Math.max(0, ...this.samples.map((sample) => kind.read(sample) ?? 0));
        plot.setScale('y', { min: 0, max: kind.top(most) });
      });
    }
  }

  private resize(): void {
    for (const { plot, holder } of this.strips) {
      if (plot && holder.clientWidth > 0) plot.setSize({ width: holder.clientWidth, height: STRIP_HEIGHT });
    }
  }

  private rebuild(): void {
    const style = getComputedStyle(document.documentElement);
    for (const strip of this.strips) {
      strip.plot?.destroy();
      strip.plot = new uPlot(this.options(strip.kind, strip.holder.clientWidth || 300, style), [[], []], strip.holder);
    }
    this.draw();
  }

  private options(kind: StripKind, width: number, style: CSSStyleDeclaration): uPlot.Options {
    const colour = style.getPropertyValue(kind.colour).trim();
    const swapColour = style.getPropertyValue('--graph-swap').trim();
    return {
      width,
      height: STRIP_HEIGHT,
      padding: [6, 0, 6, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: {} },
      axes: [
        { show: false },
        {
          size: AXIS_WIDTH,
          gap: 6,
          stroke: style.getPropertyValue('--quiet').trim(),
          font: '11px system-ui, sans-serif',
          grid: { stroke: style.getPropertyValue('--line').trim(), width: 1 },
          ticks: { show: false },
          splits: (plot) => {
            const shown = this.samples.map(kind.read).filter((value) => value !== null);
            return kind.lines(plot.scales.y.max ?? 1, shown);
          },
          values: (_, splits) => splits.map((value) => (value === 0 ? '0' : kind.axisText(value))),
        },
      ],
      series: [
        {},
        {
          stroke: colour,
          width: 2,
          fill: `color-mix(in srgb, ${colour} 14%, transparent)`,
          points: { show: false },
          paths: kind.stepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined,
        },
      ],
      hooks: { draw: [(plot) => this.drawSwaps(plot, swapColour)] },
    };
  }

  private drawSwaps(plot: uPlot, colour: string): void {
    const { ctx, bbox } = plot;
    const scale = window.devicePixelRatio;
    const first = plot === this.strips[0].plot;
    ctx.save();
    ctx.strokeStyle = colour;
    ctx.fillStyle = colour;
    ctx.lineWidth = 1.5 * scale;
    ctx.setLineDash([4 * scale, 3 * scale]);
    ctx.font = `600 ${11 * scale}px system-ui, sans-serif`;
    ctx.textBaseline = 'top';
    ctx.textAlign = 'left';
    // Newest first: where two labels would meet, the newer one is told.
    let taken = Number.POSITIVE_INFINITY;
    for (const { time, plugin, to } of [...this.swaps].reverse()) {
      const x = plot.valToPos(time, 'x', true);
      if (x < bbox.left) continue;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      if (!first) continue;
      const text = `${plugin} → ${to}`;
      const gap = 4 * scale;
      const width = ctx.measureText(text).width;
      const left = x + gap + width <= bbox.left + bbox.width ? x + gap : x - gap - width;
      if (left + width + gap > taken || left < bbox.left) continue;
      taken = left;
      ctx.fillText(text, left, bbox.top);
    }
    ctx.restore();
  }
}
