import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import webvtt from 'webvtt-parser';
import { renditions, seconds } from './harness/content.mjs';
import * as demo from './harness/demo.mjs';
import { pictureOf } from './harness/ffmpeg.mjs';
import { Server } from './harness/server.mjs';

const captions = `WEBVTT - with everything

STYLE
::cue { color: yellow }

NOTE not for viewers

across
00:00:03.500 --> 00:00:09.250 align:start line:0
Across two borders,
in two lines

00:00:07.000 --> 00:00:08.000
Ends at a border &amp; <i>no more</i>

00:08.000 --> 00:08.001
Begins at a border

00:00:20.000 --> 01:00:00.000
Outlasts the video
`;

let server;
let folder;
let videos;
before(async () => {
    folder = await demo.demoFolder();
    videos = mkdtempSync(path.join(os.tmpdir(), 'playhouse-videos-'));
    mkdirSync(path.join(videos, 'captioned'));
    copyFileSync(path.join(folder, '360p.mp4'), path.join(videos, 'captioned', '360p.mp4'));
    writeFileSync(path.join(videos, 'captioned', 'subtitles-en.vtt'), captions);
    server = await demo.startDemoServer();
});
after(() => {
    rmSync(videos, { recursive: true });
    return server?.stop();
});

function parseCues(text, what) {
    const { cues, errors } = new webvtt.WebVTTParser().parse(text, 'metadata');
    assert.deepEqual(errors, [], `webvtt-parser complains about ${what}`);
    return cues.map(({ startTime, endTime, id, text: payload }) => ({ startTime, endTime, id, text: payload }));
}

/** The cues of all segments, each once, in the order of their first appearance. */
async function cuesOfSegments(from, id, language, container) {
    const query = container === 'fmp4' ? '?container=fmp4' : '';
    const target = `/stream/hls/${id}/subtitles-${language}/playlist.m3u8${query}`;
    const { text } = await from.get(target);
    const found = new Map();
    let start = 0;
    for (const [, duration, uri] of text.matchAll(/#EXTINF:([0-9.]+),\n(.+)/g)) {
        const segment = (await from.get(new URL(uri, from.url(target)).href)).text;
        const zero = container === 'fmp4' ? 0 : 900000;
        const header = `WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:${zero},LOCAL:00:00:00.000\n`;
        assert.ok(segment.startsWith(header), segment);
        // The map is for HLS; the WebVTT standard knows no line right behind the signature.
        for (const cue of parseCues(`WEBVTT\n${segment.slice(header.length)}`, uri)) {
            assert.ok(
                cue.startTime < start + Number(duration) && cue.endTime > start,
                `${uri}: ${JSON.stringify(cue)}`,
            );
            found.set(JSON.stringify(cue), cue);
        }
        start += Number(duration);
    }
    return [...found.values()];
}

for (const container of demo.containers)
    test(`${container} segments of subtitles hold every cue of the source`, async () => {
        for (const language of demo.subtitleLanguages) {
            const source = readFileSync(path.join(folder, `subtitles-${language}.vtt`), 'utf8');
            const cues = parseCues(source, language);
            assert.ok(cues.length > 5);
            assert.deepEqual(await cuesOfSegments(server, 'demo', language, container), cues);
        }
    });

test('a cue across segments is in each of them, with its name and settings', async () => {
    const captioned = await Server.start({ videos });
    try {
        assert.deepEqual((await captioned.library()).problems, []);
        for (const container of demo.containers) {
            const cues = await cuesOfSegments(captioned, 'captioned', 'en', container);
            assert.deepEqual(cues, parseCues(captions, 'the source'));
        }
        const holds = [];
        for (let index = 0; index < 6; ++index) {
            const { text } = await captioned.get(`/stream/hls/captioned/subtitles-en/segment-${index}.vtt`);
            assert.ok(text.includes('\nSTYLE\n::cue { color: yellow }\n'), text);
            assert.ok(!text.includes('NOTE'), text);
            holds.push(['Across', 'Ends at', 'Begins at', 'Outlasts'].filter((words) => text.includes(words)));
            const cue = 'across\n00:00:03.500 --> 00:00:09.250 align:start line:0\nAcross two borders,\nin two lines\n';
            assert.equal(text.includes(`\n${cue}`), index < 3, text);
        }
        assert.deepEqual(holds, [['Across'], ['Across', 'Ends at'], ['Across', 'Begins at'], [], [], ['Outlasts']]);
    } finally {
        await captioned.stop();
    }
});

test('subtitles as one file are the source', async () => {
    for (const language of demo.subtitleLanguages) {
        const { body } = await server.get(`/stream/subtitles/demo/${language}.vtt`);
        assert.ok(body.equals(readFileSync(path.join(folder, `subtitles-${language}.vtt`))));
    }
});

test('thumbnails are JPEGs of the layout that they state', async () => {
    const stated = JSON.parse(readFileSync(path.join(folder, 'thumbnails', 'thumbnails.json'), 'utf8'));
    const { videos: listed } = await server.library();
    const { vtt, ...layout } = listed[0].thumbnails;
    assert.deepEqual(layout, stated);
    const { body } = await server.get('/stream/thumbnails/demo/sprite-0.jpg');
    const [width, height] = [stated.width * stated.columns, stated.height * stated.rows];
    assert.deepEqual(await pictureOf(body, 'the sprite'), { format: 'mjpeg', width, height });

    const cues = parseCues((await server.get(vtt)).text, vtt);
    assert.equal(cues.length, stated.count);
    for (const [tile, cue] of cues.entries()) {
        assert.equal(cue.startTime, tile * stated.intervalSeconds);
        assert.equal(cue.endTime, Math.min((tile + 1) * stated.intervalSeconds, seconds));
        const x = (tile % stated.columns) * stated.width;
        const y = Math.floor(tile / stated.columns) * stated.height;
        assert.equal(cue.text, `sprite-0.jpg#xywh=${x},${y},${stated.width},${stated.height}`);
        await server.get(new URL(cue.text.split('#')[0], server.url(vtt)).href);
    }
});

test('the poster is a JPEG of the shape of the video', async () => {
    const { videos: listed } = await server.library();
    const picture = await pictureOf((await server.get(listed[0].poster)).body, 'the poster');
    assert.deepEqual(picture, { format: 'mjpeg', width: 1280, height: 720 });
});

test('a progressive download is the file, whole and in ranges', async () => {
    for (const quality of renditions) {
        const file = readFileSync(path.join(folder, `${quality}.mp4`));
        const target = `/stream/progressive/demo?quality=${quality}`;
        const full = await server.get(target);
        assert.equal(full.headers['accept-ranges'], 'bytes');
        assert.ok(full.body.equals(file), quality);
        const middle = Math.floor(file.length / 2);
        for (const [first, last] of [
            [0, 0],
            [0, 1023],
            [middle, middle + 99_999],
            [file.length - 1, file.length - 1],
        ]) {
            const part = await server.request(target, { headers: { Range: `bytes=${first}-${last}` } });
            assert.equal(part.status, 206);
            assert.equal(part.headers['content-range'], `bytes ${first}-${last}/${file.length}`);
            assert.ok(part.body.equals(file.subarray(first, last + 1)), `${quality} ${first}-${last}`);
        }
        const rest = await server.request(target, { headers: { Range: `bytes=${middle}-` } });
        assert.ok(rest.body.equals(file.subarray(middle)));
        const tail = await server.request(target, { headers: { Range: 'bytes=-1000' } });
        assert.ok(tail.body.equals(file.subarray(-1000)));
        const stale = await server.request(target, { headers: { Range: 'bytes=0-9', 'If-Range': '"another"' } });
        assert.equal(stale.status, 200, 'a range of another version is answered with all of this one');
        const beyond = await server.request(target, { headers: { Range: `bytes=${file.length}-` } });
        assert.equal(beyond.status, 416);
    }
});

test('a progressive download without a quality is the best one', async () => {
    const file = readFileSync(path.join(folder, `${renditions.at(-1)}.mp4`));
    assert.ok((await server.get('/stream/progressive/demo')).body.equals(file));
});

test('the list of videos tells what is there, and goes by pages', async () => {
    const { videos: listed, total, problems } = await server.library();
    assert.equal(total, 1);
    assert.deepEqual(problems, []);
    const [video] = listed;
    assert.equal(video.durationSeconds, seconds);
    assert.equal(video.aspectRatio, '16:9');
    assert.deepEqual(
        video.renditions.map(({ name }) => name),
        renditions,
    );
    assert.deepEqual(
        video.audio.map(({ name }) => name),
        demo.audioTracks,
    );
    for (const url of [video.poster, video.hls, video.hlsFmp4, video.dash, video.progressive, video.thumbnails.vtt])
        await server.get(url);
    for (const { url } of video.subtitles) await server.get(url);
    assert.deepEqual((await server.get('/stream/videos?offset=1')).json.data, { videos: [], problems: [], total: 1 });
    for (const wrong of ['limit=0', 'limit=1001', 'offset=-1', 'limit=x'])
        assert.equal((await server.request(`/stream/videos?${wrong}`)).status, 400, wrong);
});
