// What ffmpeg makes of media: an independent reader of what the server packages.
import assert from 'node:assert/strict';
import { run } from './program.mjs';

/**
 * The frames that ffmpeg decodes from `media` (bytes, or the path of a file), in the order of decoding, with the
 * checksum of each one's picture or sound. Fails when ffmpeg has anything to complain about.
 *
 * @returns {Promise<{pts: number, checksum: string}[]>}
 */
export async function decode(media, what) {
    return framesOf(media, ['-fps_mode', 'passthrough'], what);
}

/** As decode(), but of the coded packets of sound as raw AAC, whatever they were wrapped in. */
export async function audioPackets(media, what, isTransportStream) {
    return framesOf(media, ['-c', 'copy', ...(isTransportStream ? ['-bsf:a', 'aac_adtstoasc'] : [])], what);
}

async function framesOf(media, options, what) {
    const isFile = typeof media === 'string';
    const args = ['-v', 'warning', '-copyts', '-i', isFile ? media : 'pipe:0', ...options, '-f', 'framecrc', 'pipe:1'];
    const { exitCode, output, errors } = await run('ffmpeg', args, { input: isFile ? undefined : media });
    assert.equal(errors, '', `ffmpeg complains about ${what}`);
    assert.equal(exitCode, 0, `ffmpeg's exit code for ${what}`);
    const lines = output.toString().split('\n');
    // stream index, dts, pts, duration, size, checksum
    return lines
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => line.split(',').map((field) => field.trim()))
        .map(([, , pts, , size, checksum]) => ({ pts: Number(pts), size: Number(size), checksum }));
}

/**
 * The packets of one kind of track ('video' or 'audio') in `media`, in the order of the file, with times in the
 * track's own ticks.
 *
 * @returns {Promise<{ticksPerSecond: number, packets: {pts: number, dts: number, isKey: boolean}[]}>}
 */
export async function packets(media, kind, what) {
    const isFile = typeof media === 'string';
    const entries = 'packet=pts,dts,flags:stream=time_base';
    const args = ['-v', 'warning', '-select_streams', kind[0], '-show_entries', entries, '-of', 'json'];
    const { exitCode, output, errors } = await run('ffprobe', [...args, isFile ? media : 'pipe:0'], {
        input: isFile ? undefined : media,
    });
    assert.equal(errors, '', `ffprobe complains about ${what}`);
    assert.equal(exitCode, 0, `ffprobe's exit code for ${what}`);
    const found = JSON.parse(output.toString());
    assert.equal(found.streams.length, 1, `${kind} tracks in ${what}`);
    return {
        ticksPerSecond: Number(found.streams[0].time_base.split('/')[1]),
        packets: found.packets.map(({ pts, dts, flags }) => ({ pts, dts, isKey: flags.startsWith('K') })),
    };
}
