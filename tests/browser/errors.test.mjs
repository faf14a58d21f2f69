import assert from 'node:assert/strict';
import {
    cpSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    renameSync,
    rmSync,
    statSync,
    truncateSync,
    writeFileSync,
} from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { before, test } from 'node:test';
import * as demo from './harness/demo.mjs';
import { decode } from './harness/ffmpeg.mjs';
import { assertRefusal } from './harness/refusals.mjs';
import { Server } from './harness/server.mjs';

const soon = { 'plugin.streaming.rescan-interval': '100 ms' };
/** So that a video stays as it was indexed, whatever becomes of its files. */
const never = { 'plugin.streaming.rescan-interval': '24 h', 'plugin.streaming.segment-cache-size': '0' };

let source;
before(async () => {
    source = await demo.demoFolder();
});

/** A storage with a video "good"; each of the others is made by a function of its folder. */
function makeStorage(others = {}) {
    const root = mkdtempSync(path.join(os.tmpdir(), 'playhouse-broken-'));
    for (const [id, make] of Object.entries({ good: addGood, ...others })) {
        const folder = path.join(root, 'videos', id);
        mkdirSync(folder, { recursive: true });
        make(folder);
    }
    return root;
}

function addRendition(folder, name = '360p.mp4') {
    cpSync(path.join(source, '360p.mp4'), path.join(folder, name));
}

function addGood(folder) {
    for (const name of ['360p.mp4', '1080p.mp4']) cpSync(path.join(source, name), path.join(folder, name));
}

function addTruncated(folder, size) {
    addRendition(folder);
    const file = path.join(folder, '360p.mp4');
    truncateSync(file, typeof size === 'number' ? size : Math.floor(statSync(file).size / 2));
}

async function withServer(root, settings, use) {
    const server = await Server.start({ storage: root, settings });
    try {
        await use(server);
    } finally {
        await server.stop();
        rmSync(root, { recursive: true });
    }
}

async function assertPlays(server, id) {
    const { body } = await server.get(`/stream/hls/${id}/360p/segment-0.ts`);
    assert.equal((await decode(body, 'video', `segment 0 of ${id}`)).length, 120);
}

/** What cannot be streamed: how it is made, and what the error has to say. */
const unplayable = {
    truncated: [addTruncated, /360p\.mp4/],
    'truncated-in-its-head': [(folder) => addTruncated(folder, 1000), /360p\.mp4/],
    'of-no-bytes': [(folder) => writeFileSync(path.join(folder, '720p.mp4'), ''), /720p\.mp4/],
    text: [(folder) => writeFileSync(path.join(folder, '360p.mp4'), 'This is no film.\n'.repeat(1000)), /360p\.mp4/],
    'partly-broken': [
        (folder) => {
            addRendition(folder);
            writeFileSync(path.join(folder, '720p.mp4'), 'This is no film.\n');
        },
        /720p\.mp4/,
    ],
    empty: [() => {}, /no rendition/],
    'sound-alone': [
        (folder) => cpSync(path.join(source, 'audio-es.m4a'), path.join(folder, '360p.mp4')),
        /360p\.mp4.*video/,
    ],
    'language-unknown': [
        (folder) => {
            addRendition(folder);
            cpSync(path.join(source, 'audio-es.m4a'), path.join(folder, 'audio-not a language.m4a'));
        },
        /audio-not a language\.m4a/,
    ],
    'with spaces': [addRendition, /rename it/],
    'a-rendition-that-is-a-folder': [(folder) => mkdirSync(path.join(folder, '360p.mp4')), /360p\.mp4/],
};

/** What can be streamed without the broken part. */
const damaged = {
    'bad-subtitles': ['subtitles-en.vtt', '1\n00:00:01,000 --> 00:00:02,000\nThis is SubRip\n'],
    'bad-description': ['video.json', '{"title": 7'],
    'bad-title': ['video.json', '{"title": 7}'],
    'bad-thumbnails': ['thumbnails/thumbnails.json', '{"width": 160}'],
    'thumbnails-without-sprites': [
        'thumbnails/thumbnails.json',
        '{"width": 160, "height": 90, "columns": 5, "rows": 5, "intervalSeconds": 2, "count": 11}',
    ],
};

function brokenInEveryWay() {
    const others = Object.fromEntries(Object.entries(unplayable).map(([id, [make]]) => [id, make]));
    for (const [id, [name, text]] of Object.entries(damaged))
        others[id] = (folder) => {
            addRendition(folder);
            const file = path.join(folder, name);
            mkdirSync(path.dirname(file), { recursive: true });
            writeFileSync(file, text);
        };
    return others;
}

test('broken media is listed with what is wrong, and the rest is served', async () => {
    const root = makeStorage(brokenInEveryWay());
    await withServer(root, soon, async (server) => {
        const { videos, problems, total } = await server.library();
        const ids = videos.map(({ id }) => id).sort();
        assert.deepEqual(ids, ['good', ...Object.keys(damaged)].sort());
        assert.equal(total, ids.length);
        for (const [id, [, message]] of Object.entries(unplayable)) {
            const found = problems.filter((problem) => problem.id === id);
            assert.equal(found.length, 1, id);
            assert.match(found[0].error, message, id);
            assert.ok(server.log.includes(`video "${id}" cannot be streamed: ${found[0].error}`), `${id} in the log`);
            const url = `/stream/hls/${encodeURIComponent(id)}/master.m3u8`;
            assertRefusal(await server.request(url), 404, 'VIDEO_NOT_FOUND');
        }
        for (const [id, [name]] of Object.entries(damaged)) {
            const found = problems.filter((problem) => problem.id === id);
            assert.equal(found.length, 1, id);
            assert.ok(
                found[0].error.includes(name.split('/').pop()) || found[0].error.includes('thumbnails'),
                found[0].error,
            );
            assert.ok(server.log.includes(`video "${id}": ${found[0].error}`), `${id} in the log`);
            await server.get(`/stream/hls/${id}/master.m3u8`);
        }
        for (const id of ids) await assertPlays(server, id);
        const { plugins } = (await server.get('/readyz')).json.data;
        const { health } = plugins.find((plugin) => plugin.id === 'streaming');
        assert.equal(health.status, 'degraded');
        assert.ok(!/^\S+ error /m.test(server.log), server.log);
    });
});

test('a problem tells nobody where files lie on the server', async () => {
    const root = makeStorage(brokenInEveryWay());
    await withServer(root, soon, async (server) => {
        const { problems } = await server.library();
        for (const { id, error } of problems) assert.ok(!error.includes(root), `${id}: ${error}`);
    });
});

test('a video that is added appears, one that is repaired plays, and one that is removed disappears', async () => {
    const root = makeStorage({ broken: addTruncated });
    await withServer(root, soon, async (server) => {
        const folder = (id) => path.join(root, 'videos', id);
        assert.deepEqual(
            (await server.library()).videos.map(({ id }) => id),
            ['good'],
        );

        mkdirSync(folder('.new'));
        addRendition(folder('.new'));
        renameSync(folder('.new'), folder('new'));
        await server.library((library) => library.has('new'));
        await assertPlays(server, 'new');

        addRendition(folder('broken'), '.next');
        renameSync(path.join(folder('broken'), '.next'), path.join(folder('broken'), '360p.mp4'));
        await server.library((library) => library.has('broken') && library.problems.length === 0);
        await assertPlays(server, 'broken');

        rmSync(folder('new'), { recursive: true });
        await server.library((library) => !library.knows('new'));
        assertRefusal(await server.request('/stream/hls/new/master.m3u8'), 404, 'VIDEO_NOT_FOUND');
        await assertPlays(server, 'good');
    });
});

test('a file that is copied slowly into place appears when it is whole', async () => {
    const root = makeStorage();
    await withServer(root, soon, async (server) => {
        const folder = path.join(root, 'videos', 'slow');
        const whole = readFileSync(path.join(source, '360p.mp4'));
        mkdirSync(folder);
        writeFileSync(path.join(folder, '360p.mp4'), whole.subarray(0, whole.length / 2));
        await server.library((library) => library.knows('slow'));
        assert.ok(!(await server.library()).has('slow'));
        writeFileSync(path.join(folder, '360p.mp4'), whole.subarray(whole.length / 2), { flag: 'a' });
        await server.library((library) => library.has('slow') && library.problems.length === 0);
        await assertPlays(server, 'slow');
    });
});

test('a video that changes gets other URLs and entity tags, and the old URLs are kept by no cache', async () => {
    const root = makeStorage();
    await withServer(root, soon, async (server) => {
        const playlist = async () => demo.readPlaylist(server, '/stream/hls/good/360p/playlist.m3u8');
        const old = await server.get((await playlist()).segments[0].url);
        const file = path.join(root, 'videos', 'good', '360p.mp4');
        cpSync(path.join(source, '720p.mp4'), `${file}.next`);
        renameSync(`${file}.next`, file);
        await server.library(({ videos }) => videos[0].renditions[0].height === 720);
        const changed = await server.get((await playlist()).segments[0].url);
        assert.notEqual(changed.url, old.url);
        assert.notEqual(changed.headers.etag, old.headers.etag);
        const stale = await server.get(old.url, { headers: { 'If-None-Match': old.headers.etag } });
        assert.equal(stale.headers['cache-control'], 'no-cache');
        assert.ok(stale.body.equals(changed.body));
    });
});

test('an answer whose file shrinks meanwhile is cut off, and does not look whole', async () => {
    const root = makeStorage();
    await withServer(root, never, async (server) => {
        const file = path.join(root, 'videos', 'good', '1080p.mp4');
        const isWhole = await new Promise((resolve, reject) => {
            const outgoing = http.get(
                server.url('/stream/progressive/good?quality=1080p'),
                { agent: false },
                (incoming) => {
                    // The first data: the sockets between hold less than the rest.
                    incoming.once('data', () => truncateSync(file, 100_000));
                    incoming.on('error', () => resolve(false));
                    incoming.on('end', () => resolve(incoming.complete));
                },
            );
            outgoing.on('error', reject);
        });
        assert.equal(isWhole, false);
        await assertSurvives(server, 'good');
        await assertPlays(server, 'good');
    });
});

test('a segment of a file that shrank is refused, and the log names the file', async () => {
    const root = makeStorage({ other: addRendition });
    await withServer(root, never, async (server) => {
        truncateSync(path.join(root, 'videos', 'good', '360p.mp4'), 100_000);
        for (const target of ['/stream/hls/good/360p/segment-3.ts', '/stream/cmaf/good/360p/segment-3.m4s']) {
            const answer = await server.request(target).catch((problem) => problem);
            if (answer instanceof Error) assert.equal(answer.code, 'ECONNRESET', target);
            else assertRefusal(answer, 500, 'INTERNAL_ERROR');
        }
        await server.waitForLog('good/360p.mp4 became shorter');
        await assertSurvives(server, 'good');
        await assertPlays(server, 'other');
    });
});

test('a file that is gone while its video is served does not stop it, as it is held open', async () => {
    const root = makeStorage();
    await withServer(root, never, async (server) => {
        rmSync(path.join(root, 'videos', 'good'), { recursive: true });
        await assertPlays(server, 'good');
    });
});

async function assertSurvives(server, id) {
    assert.equal(server.hasEnded, false);
    await server.get('/healthz');
    await server.get(`/stream/hls/${id}/master.m3u8`);
}
