// Fragmented MP4, box by box (ISO/IEC 14496-12): its times as they are written, which ffmpeg moves.
import assert from 'node:assert/strict';

/** The boxes in `bytes`: type, where each begins in `bytes`, its size, and what is in it, as far as it is there. */
export function boxes(bytes) {
    const found = [];
    for (let at = 0; at < bytes.length;) {
        const size = bytes.readUInt32BE(at);
        const type = bytes.toString('latin1', at + 4, at + 8);
        assert.ok(size >= 8, `a box "${type}" of ${size} bytes`);
        found.push({ type, at, size, content: bytes.subarray(at + 8, at + size) });
        at += size;
    }
    return found;
}

function child(content, type) {
    return boxes(content).find((box) => box.type === type);
}

/** The one box at a path such as moov/trak/mdia/mdhd. */
export function box(bytes, path) {
    let content = bytes;
    for (const type of path.split('/')) {
        const found = child(content, type);
        assert.ok(found, `no "${type}" of ${path}`);
        content = found.content;
    }
    return content;
}

/** Ticks a second of an initialization segment's track. */
export function timescale(initialization) {
    const header = box(initialization, 'moov/trak/mdia/mdhd');
    return header.readUInt32BE(header[0] === 1 ? 20 : 12);
}

/**
 * The samples of a media segment, in the order of decoding.
 *
 * @returns {{dts: number, pts: number, duration: number, bytes: Buffer}[]}  times in the track's ticks
 */
export function samplesOf(segment) {
    return [...eachSample(segment)];
}

/** The first sample, of what may end behind it. */
export function firstSampleOf(bytes) {
    return eachSample(bytes).next().value;
}

function* eachSample(segment) {
    for (const { type, at, content } of boxes(segment)) {
        if (type !== 'moof') continue;
        const fragment = box(content, 'traf');
        const defaults = fragmentDefaults(box(fragment, 'tfhd'));
        const decodeTime = box(fragment, 'tfdt');
        let dts = decodeTime[0] === 1 ? Number(decodeTime.readBigUInt64BE(4)) : decodeTime.readUInt32BE(4);
        for (const run of boxes(fragment).filter((inner) => inner.type === 'trun'))
            for (const sample of runOf(run.content, defaults, segment, at)) {
                yield { ...sample, dts, pts: dts + sample.compositionOffset };
                dts += sample.duration;
            }
    }
}

function fragmentDefaults(header) {
    const flags = header.readUIntBE(1, 3);
    assert.ok(flags & 0x020000, 'default-base-is-moof');
    let at = 8;
    const field = (flag, size) => {
        if (!(flags & flag)) return undefined;
        at += size;
        return size === 4 ? header.readUInt32BE(at - size) : undefined;
    };
    field(0x01, 8);
    field(0x02, 4);
    return { duration: field(0x08, 4), size: field(0x10, 4) };
}

function* runOf(run, defaults, segment, fragmentAt) {
    const flags = run.readUIntBE(1, 3);
    const count = run.readUInt32BE(4);
    assert.ok(flags & 0x01, 'a run tells where its data is');
    let data = fragmentAt + run.readInt32BE(8);
    let at = 12 + (flags & 0x04 ? 4 : 0);
    const next = (read) => run[read]((at += 4) - 4);
    for (let index = 0; index < count; ++index) {
        const duration = flags & 0x100 ? next('readUInt32BE') : defaults.duration;
        const size = flags & 0x200 ? next('readUInt32BE') : defaults.size;
        if (flags & 0x400) at += 4;
        const compositionOffset = flags & 0x800 ? next(run[0] === 1 ? 'readInt32BE' : 'readUInt32BE') : 0;
        assert.ok(duration !== undefined && size !== undefined, 'every sample has a duration and a size');
        assert.ok(data + size <= segment.length, 'every sample lies within its segment');
        yield { duration, compositionOffset, bytes: segment.subarray(data, data + size) };
        data += size;
    }
}
