// What ffmpeg makes of media: an independent reader of what the server packages.
import assert from 'node:assert/strict';
import { run } from './program.mjs';

/**
 * The frames that ffmpeg decodes from the first track of one kind ('video' or 'audio') in `media` (bytes, or the path
 * or URL of a file), in the order of presentation, with the checksum of each one's picture or sound. Fails when ffmpeg has
 * anything to complain about, except lines that `tolerated` matches.
 *
 * @returns {Promise<{pts: number, size: number, checksum: string}[]>}
 */
export async function decode(media, kind, what, tolerated) {
    return framesOf(media, ['-map', `0:${kind[0]}:0`, '-fps_mode', 'passthrough'], what, tolerated);
}

/** As decode(), but the coded frames of sound as raw AAC, whatever they were wrapped in, in the order of the file. */
export async function audioFrames(media, what, isTransportStream = false) {
    const unwrapped = isTransportStream ? ['-bsf:a', 'aac_adtstoasc'] : [];
    return framesOf(media, ['-map', '0:a', '-c', 'copy', ...unwrapped], what);
}

async function framesOf(media, options, what, tolerated) {
    const isFile = typeof media === 'string';
    const args = ['-v', 'warning', '-copyts', '-i', isFile ? media : 'pipe:0', ...options, '-f', 'framecrc', 'pipe:1'];
    const { exitCode, output, errors } = await run('ffmpeg', args, { input: isFile ? undefined : media });
    const complaints = errors.split('\n').filter((line) => line !== '' && !tolerated?.test(line));
    assert.deepEqual(complaints, [], `ffmpeg complains about ${what}`);
    assert.equal(exitCode, 0, `ffmpeg's exit code for ${what}`);
    const lines = output.toString().split('\n');
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

/** The size of the picture in `image`, and its format as ffprobe calls it ("mjpeg" for JPEG). */
export async function pictureOf(image, what) {
    const entries = ['-show_entries', 'stream=codec_name,width,height'];
    const { exitCode, output, errors } = await run('ffprobe', ['-v', 'warning', ...entries, '-of', 'json', 'pipe:0'], {
        input: image,
    });
    assert.equal(errors, '', `ffprobe complains about ${what}`);
    assert.equal(exitCode, 0, `ffprobe's exit code for ${what}`);
    const { streams } = JSON.parse(output.toString());
    assert.equal(streams.length, 1, `pictures in ${what}`);
    return { format: streams[0].codec_name, width: streams[0].width, height: streams[0].height };
}
