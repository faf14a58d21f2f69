// The harness itself: a check that notices nothing proves nothing.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import * as demo from './harness/demo.mjs';
import { decode, packets } from './harness/ffmpeg.mjs';
import { samplesOf } from './harness/fragments.mjs';
import { parseDash, parsePlaylist, readMediaPlaylist } from './harness/playlists.mjs';
import { Server } from './harness/server.mjs';
import { assertContinuous, readTransportStream } from './harness/transport-stream.mjs';

let server;
before(async () => (server = await demo.startDemoServer()));
after(() => server?.stop());

test('ffmpeg notices a transport stream that lost a packet', async () => {
    const { body } = await server.get('/stream/hls/demo/360p/segment-1.ts');
    const at = 188 * 100;
    const lost = Buffer.concat([body.subarray(0, at), body.subarray(at + 188)]);
    await assert.rejects(decode(lost, 'video', 'a damaged segment'), /ffmpeg complains/);
    assert.throws(() => assertContinuous(readTransportStream(lost, 'it'), 'it'), /continuity counter of packet 100/);
    assertContinuous(readTransportStream(body, 'the whole one'), 'the whole one');
});

test('ffmpeg notices a fragment whose last bytes are missing', async () => {
    const initialization = (await server.get('/stream/cmaf/demo/360p/init.mp4')).body;
    const { body } = await server.get('/stream/cmaf/demo/360p/segment-1.m4s');
    const cut = Buffer.concat([initialization, body.subarray(0, -1000)]);
    await assert.rejects(decode(cut, 'video', 'a cut segment'), /ffmpeg complains/);
    assert.throws(() => samplesOf(body.subarray(0, -1000)), /every sample lies within/);
});

test('sample times read from boxes are those that ffprobe reads, moved by what it adds', async () => {
    const { initialization, segments, whole } = await demo.fetchTrack(server, '720p', 'fmp4');
    assert.ok(initialization.length > 0);
    const samples = segments.flatMap(samplesOf);
    const { packets: read } = await packets(whole, 'video', 'all segments');
    assert.deepEqual(
        read.map(({ dts }) => dts),
        samples.map(({ dts }) => dts),
    );
    // ffmpeg shows everything later, until no picture is due before it is decoded.
    const added = read[0].pts - samples[0].pts;
    assert.equal(added, Math.max(...samples.map(({ dts, pts }) => dts - pts)));
    assert.deepEqual(
        read.map(({ pts }) => pts - added),
        samples.map(({ pts }) => pts),
    );
});

test('parsers notice broken manifests', async () => {
    const { text } = await server.get('/stream/hls/demo/360p/playlist.m3u8');
    const url = server.url('/stream/hls/demo/360p/playlist.m3u8');
    readMediaPlaylist(text, url);
    assert.throws(() => readMediaPlaylist(text.replace(/#EXT-X-TARGETDURATION:4/, '#EXT-X-TARGETDURATION:3'), url));
    assert.throws(() => readMediaPlaylist(text.replace('#EXT-X-ENDLIST\n', ''), url), /ends/);
    assert.throws(() => parsePlaylist(text.replace(/#EXTINF:4.000000,\n/, ''), url));
    const dash = await server.get('/stream/dash/demo/manifest.mpd');
    assert.throws(() => parseDash(dash.text.replace('</Period>', ''), dash.url));
});

test('a server that cannot start, or does not end well, fails its test and tells its log', async () => {
    await assert.rejects(Server.start({ settings: { 'server.prot': '1' } }), /server\.port/);
    const crashed = await Server.start();
    await crashed.crash();
    await assert.rejects(crashed.stop(), /SIGKILL/);
});

test('playhousectl steers the server of the test', async () => {
    const { exitCode, output } = await server.ctl('plugins');
    assert.equal(exitCode, 0);
    assert.match(output.toString(), /streaming\s/);
});

test('a storage that is given stays', async () => {
    const storage = mkdtempSync(path.join(os.tmpdir(), 'playhouse-kept-'));
    for (let start = 0; start < 2; ++start) await (await Server.start({ storage })).stop();
    rmSync(storage, { recursive: true });
});
