// Films as others make them: what is unusual in a file must not show in what is packaged from it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as demo from './harness/demo.mjs';
import { audioFrames, decode, packets } from './harness/ffmpeg.mjs';
import { samplesOf, timescale } from './harness/fragments.mjs';
import { parseDash } from './harness/playlists.mjs';
import { forEachAtOnce, run } from './harness/program.mjs';
import { Server } from './harness/server.mjs';
import { assertContinuous, readTransportStream } from './harness/transport-stream.mjs';

const picture = (rate, size = '320x180') => ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}`];
const sound = (rate = 48_000) => ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${rate}`];
const x264 = (keyInterval, ...more) => ['-c:v', 'libx264', '-preset', 'veryfast', '-g', `${keyInterval}`, ...more];
const aac = ['-c:a', 'aac', '-b:a', '64k'];

/** For each video, the ffmpeg arguments of its files. */
const films = {
    'ntsc-and-44100-hz': { '180p': [...picture('30000/1001'), ...sound(44_100), ...x264(60), ...aac, '-t', '9.7'] },
    'film-with-uneven-key-frames-and-surround': {
        '180p': [
            ...picture(24),
            ...sound(),
            ...x264(250, '-force_key_frames', '0,1.3,2.9,7.1,7.3', '-bf', '3'),
            ...[...aac, '-ac', '6', '-t', '10'],
        ],
    },
    'without-sound': { '180p': [...picture(25), ...x264(35), '-t', '4'] },
    'key-frames-far-apart': { '180p': [...picture(30), ...sound(), ...x264(270), ...aac, '-t', '20'] },
    'without-b-frames': { '180p': [...picture(30), ...sound(), ...x264(60, '-bf', '0'), ...aac, '-t', '6'] },
    'sound-late-and-short': {
        '180p': [...picture(30), '-itsoffset', '1.5', '-t', '3', ...sound(), ...x264(60), ...aac, '-t', '8'],
    },
    'picture-late': {
        '180p': [
            ...['-itsoffset', '0.5', ...picture(30), ...sound(), '-fps_mode', 'passthrough'],
            ...[...x264(60), ...aac, '-t', '6'],
        ],
    },
    'open-groups-of-pictures': {
        '180p': [...picture(30), ...x264(60, '-x264-params', 'open-gop=1:bframes=3:scenecut=0'), '-t', '8'],
    },
    fragmented: {
        '180p': [...picture(30), ...sound(), ...x264(60), ...aac, '-t', '8', '-movflags', 'frag_keyframe+empty_moov'],
    },
    'index-at-the-end-without-edit-list': {
        '180p': [...picture(30), ...sound(), ...x264(60), ...aac, '-t', '6', '-use_editlist', '0'],
    },
    'variable-frame-rate': {
        '180p': [
            ...[...picture(30), ...sound(), '-vf', "select='lt(n,60)+not(mod(n,3))'", '-fps_mode', 'vfr'],
            ...[...x264(30), ...aac, '-t', '8'],
        ],
    },
    anamorphic: { '180p': [...picture(30), '-vf', 'setsar=4/3', ...x264(60), '-t', '5'] },
    'a-fraction-of-a-second': { '180p': [...picture(30), ...sound(), ...x264(60), ...aac, '-t', '0.3'] },
    'one-picture': { '180p': [...picture(1), ...x264(60), '-frames:v', '1'] },
    'renditions-with-other-key-frames': {
        '180p': [...picture(30), ...sound(), ...x264(60), ...aac, '-t', '8'],
        '360p': [...picture(30, '640x360'), ...sound(), ...x264(75), ...aac, '-t', '8'],
    },
};

let server;
let videos;
before(async () => {
    videos = mkdtempSync(path.join(os.tmpdir(), 'playhouse-films-'));
    const files = Object.entries(films).flatMap(([id, renditions]) =>
        Object.entries(renditions).map(([name, args]) => ({ id, name, args })),
    );
    await forEachAtOnce(files, async ({ id, name, args }) => {
        mkdirSync(path.join(videos, id), { recursive: true });
        const made = await run('ffmpeg', ['-v', 'error', ...args, sourceOf(id, name)]);
        assert.equal(made.exitCode, 0, made.errors);
    });
    const cue = 'WEBVTT\n\n00:01.000 --> 00:03.000\nWithout a word\n';
    writeFileSync(path.join(videos, 'without-sound', 'subtitles-en.vtt'), cue);
    server = await Server.start({ videos });
});
after(async () => {
    await server?.stop();
    rmSync(videos, { recursive: true });
});

function sourceOf(id, rendition) {
    return path.join(videos, id, `${rendition}.mp4`);
}

test('all of them can be streamed', async () => {
    const library = await server.library();
    assert.deepEqual(library.problems, []);
    assert.deepEqual(library.videos.map(({ id }) => id).sort(), Object.keys(films).sort());
});

test('no segment outlasts the target duration of its playlist, however long segments are to be', async () => {
    for (const duration of ['500 ms', '1500 ms', '2600 ms', '7 s', '60 s']) {
        const settings = { 'plugin.streaming.segment-duration': duration };
        const other = await Server.start({ videos, settings });
        try {
            for (const { id, renditions, audio, subtitles } of (await other.library()).videos) {
                const tracks = [...renditions, ...audio].map(({ name }) => name);
                tracks.push(...subtitles.map(({ language }) => `subtitles-${language}`));
                // Reading it asserts it.
                for (const track of tracks) await demo.readPlaylist(other, `/stream/hls/${id}/${track}/playlist.m3u8`);
            }
        } finally {
            await other.stop();
        }
    }
});

const checksums = (frames) => frames.map(({ checksum }) => checksum);

for (const [id, renditions] of Object.entries(films)) {
    for (const rendition of Object.keys(renditions)) {
        for (const container of demo.containers)
            test(`${id}: each ${container} segment of ${rendition} decodes alone to the source`, async () => {
                const source = checksums(await decode(sourceOf(id, rendition), 'video', 'the source'));
                const { initialization, segments } = await fetchTrack(id, rendition, container);
                const alone = await forEachAtOnce(segments, (segment, index) =>
                    decode(Buffer.concat([initialization, segment]), 'video', `segment ${index}`),
                );
                assert.deepEqual(alone.flatMap(checksums), source);
                if (container === 'ts')
                    assertContinuous(
                        segments.flatMap((segment) => readTransportStream(segment, id)),
                        id,
                    );
            });

        test(`${id}: ${rendition} keeps the times of the source`, async () => {
            const start = await startOf(id, rendition);
            const source = await packets(sourceOf(id, rendition), 'video', 'the source');
            const expected = source.packets.map(({ pts }) => pts / source.ticksPerSecond - start);
            assertTimes(await timesOf(id, rendition, 'video'), expected);
        });
    }

    test(`${id}: the playlists, the list of videos and DASH agree on how long it lasts`, async () => {
        const { videos: listed } = await server.library();
        const video = listed.find((candidate) => candidate.id === id);
        const url = server.url(video.dash);
        const { manifest } = parseDash((await server.get(video.dash)).text, url);
        assert.ok(Math.abs(manifest.duration - video.durationSeconds) < 1e-5);
        for (const { name } of [...video.renditions, ...video.audio])
            for (const container of demo.containers) {
                const playlist = await playlistOf(id, name, container);
                const isPicture = !name.startsWith('audio');
                const times = await timesOf(id, name, isPicture ? 'video' : 'audio');
                const end = Math.min(...times.fmp4) + playlist.duration;
                // Sound may end a frame later.
                const most = video.durationSeconds + (isPicture ? 1e-5 : 4096 / 44_100);
                assert.ok(end <= most, `${name} ends at ${end} s`);
                if (isPicture) assert.ok(end > video.durationSeconds - 0.1, `${name} ends at ${end} s`);
            }
    });

    const hasSound = Object.values(renditions)[0].includes('aac');
    if (hasSound)
        test(`${id}: the sound is that of the source, at its times`, async () => {
            const rendition = Object.keys(renditions).at(-1);
            const start = await startOf(id, rendition);
            const source = sourceOf(id, rendition);
            const { ticksPerSecond, packets: coded } = await packets(source, 'audio', 'the source');
            const frames = await audioFrames(source, 'the source');
            const heard = frames.filter((_, index) => coded[index].pts / ticksPerSecond >= start - 1e-6);
            const times = coded.map(({ pts }) => pts / ticksPerSecond - start).filter((time) => time >= -1e-6);
            const [{ name }] = (await server.library()).videos.find((video) => video.id === id).audio;
            for (const container of demo.containers) {
                const { initialization, segments } = await fetchTrack(id, name, container);
                const found = await forEachAtOnce(segments, async (segment, index) => {
                    const media = Buffer.concat([initialization, segment]);
                    await decode(media, 'audio', `segment ${index}`);
                    return audioFrames(media, `segment ${index}`, container === 'ts');
                });
                assert.deepEqual(found.flatMap(checksums), checksums(heard));
            }
            assertTimes(await timesOf(id, name, 'audio'), times);
        });
}

/** When the presentation of a source starts: with the first picture or sound that is not there to prime a decoder. */
async function startOf(id, rendition) {
    const starts = [];
    for (const kind of ['video', 'audio']) {
        if (kind === 'audio' && !films[id][rendition].includes('aac')) continue;
        const { ticksPerSecond, packets: found } = await packets(sourceOf(id, rendition), kind, 'the source');
        starts.push(Math.min(...found.map(({ pts }) => pts).filter((pts) => pts >= 0)) / ticksPerSecond);
    }
    return Math.min(...starts) >= 0 ? Math.min(0, ...starts) : 0;
}

/** The presentation times of a track in both containers, in seconds of the presentation. */
async function timesOf(id, track, kind) {
    const common = await fetchTrack(id, track, 'fmp4');
    const ticks = timescale(common.initialization);
    const transport = await fetchTrack(id, track, 'ts');
    const { packets: found } = await packets(transport.whole, kind, `all TS segments of ${track}`);
    return {
        fmp4: common.segments.flatMap(samplesOf).map(({ pts }) => pts / ticks),
        ts: found.map(({ pts }) => pts / 90_000 - 10),
    };
}

function assertTimes(found, expected) {
    for (const [container, times] of Object.entries(found)) {
        assert.equal(times.length, expected.length, container);
        for (const [index, time] of times.entries()) {
            const off = Math.abs(time - expected[index]);
            // A tick of 90 kHz, for each of the frames of sound that share a timestamp.
            assert.ok(off < 1e-4, `${container}: frame ${index} is at ${time} s, not ${expected[index]} s`);
        }
    }
}

function playlistOf(id, track, container) {
    const query = container === 'fmp4' ? '?container=fmp4' : '';
    return demo.readPlaylist(server, `/stream/hls/${id}/${track}/playlist.m3u8${query}`);
}

async function fetchTrack(id, track, container) {
    return demo.fetchSegments(server, await playlistOf(id, track, container));
}
