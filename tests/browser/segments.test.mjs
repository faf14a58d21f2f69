import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { framesPerSecond, renditions, seconds } from './harness/content.mjs';
import * as demo from './harness/demo.mjs';
import { audioFrames, decode, packets } from './harness/ffmpeg.mjs';
import { box, boxes, firstSampleOf, samplesOf, timescale } from './harness/fragments.mjs';
import { forEachAtOnce } from './harness/program.mjs';
import { assertContinuous, readTransportStream } from './harness/transport-stream.mjs';

/** What every timestamp of a transport stream is moved by: 10 s of 90 kHz. */
const transportStreamOffset = 900_000;
const frameCount = seconds * framesPerSecond;

let server;
let folder;
before(async () => {
    folder = await demo.demoFolder();
    server = await demo.startDemoServer();
});
after(() => server?.stop());

/** What a track is made from: the tallest rendition carries the default language. */
function sourceOf(track) {
    const files = { 'audio-en': `${renditions.at(-1)}.mp4`, 'audio-es': 'audio-es.m4a' };
    return path.join(folder, files[track] ?? `${track}.mp4`);
}

const decodedSources = new Map();
function decodedSource(track) {
    if (!decodedSources.has(track)) decodedSources.set(track, decode(sourceOf(track), 'video', sourceOf(track)));
    return decodedSources.get(track);
}

/** The coded sound of a source file, without what primes the decoder: it lies before the presentation's start. */
async function soundOf(track) {
    return (await audioFrames(sourceOf(track), sourceOf(track))).filter(({ pts }) => pts >= 0);
}

const checksums = (frames) => frames.map(({ checksum }) => checksum);
const times = ({ pts, dts }) => ({ pts, dts });
const moved = (offset) => (packet) => ({ pts: packet.pts + offset, dts: packet.dts + offset });

for (const track of renditions)
    for (const container of demo.containers)
        test(`${container} segments of ${track} decode to the pictures of the source`, async () => {
            const source = checksums(await decodedSource(track));
            assert.equal(source.length, frameCount);
            const { playlist, initialization, segments, whole } = await demo.fetchTrack(server, track, container);
            const what = (index) => `${container} segment ${index} of ${track}`;
            const alone = await forEachAtOnce(segments, (segment, index) =>
                decode(Buffer.concat([initialization, segment]), 'video', what(index)),
            );
            let first = 0;
            for (const [index, frames] of alone.entries()) {
                assert.equal(
                    frames.length,
                    Math.round(playlist.segments[index].duration * framesPerSecond),
                    what(index),
                );
                assert.deepEqual(checksums(frames), source.slice(first, first + frames.length), what(index));
                first += frames.length;
            }
            assert.deepEqual(checksums(await decode(whole, 'video', `${track}, all ${container} segments`)), source);
        });

test('ffmpeg plays each manifest from the first picture to the last', async () => {
    const source = checksums(await decodedSource(renditions[0]));
    for (const target of [...demo.containers.map(demo.masterPath), '/stream/dash/demo/manifest.mpd']) {
        // ffmpeg 5.1 knows no WebVTT in HLS, and says so.
        const frames = await decode(server.url(target), 'video', target, /Can't support the subtitle/);
        assert.deepEqual(checksums(frames), source, target);
    }
});

for (const track of demo.audioTracks)
    for (const container of demo.containers)
        test(`${container} segments of ${track} hold the sound of the source at its times`, async () => {
            const isTransportStream = container === 'ts';
            const source = await soundOf(track);
            assert.equal(source.length, Math.ceil((seconds * 48_000) / 1024));
            const { initialization, segments, whole } = await demo.fetchTrack(server, track, container);
            let count = 0;
            for (const [index, segment] of segments.entries()) {
                const what = `${container} segment ${index} of ${track}`;
                const media = Buffer.concat([initialization, segment]);
                const frames = await audioFrames(media, what, isTransportStream);
                assert.equal((await decode(media, 'audio', what)).length, frames.length, what);
                assert.deepEqual(checksums(frames), checksums(source.slice(count, count + frames.length)), what);
                count += frames.length;
            }
            assert.equal(count, source.length);
            const frames = await audioFrames(whole, `${track}, all ${container} segments`, isTransportStream);
            const written = ({ pts, checksum }) => ({ pts, checksum });
            const ticks = (pts) => (isTransportStream ? (pts * 90_000) / 48_000 + transportStreamOffset : pts);
            assert.deepEqual(
                frames.map(written),
                source.map(({ pts, checksum }) => ({ pts: ticks(pts), checksum })),
            );
            assert.equal((await decode(whole, 'audio', `${track}, all ${container} segments`)).length, source.length);
        });

test('every rendition has the times of the source, in TS ten seconds later', async () => {
    const inOrder = ({ packets: all }) => all.map(({ pts }) => pts).sort((left, right) => left - right);
    const reference = inOrder(await packets(sourceOf(renditions[0]), 'video', sourceOf(renditions[0])));
    for (const track of renditions) {
        const source = await packets(sourceOf(track), 'video', sourceOf(track));
        assert.equal(source.ticksPerSecond, 90_000);
        assert.equal(source.packets.length, frameCount);
        assert.deepEqual(inOrder(source), reference);
        const { whole } = await demo.fetchTrack(server, track, 'ts');
        const packaged = await packets(whole, 'video', `${track}, all TS segments`);
        assert.equal(packaged.ticksPerSecond, 90_000);
        assert.deepEqual(packaged.packets.map(times), source.packets.map(moved(transportStreamOffset)), track);
    }
});

test('fragmented MP4 has the times of the source in its own ticks, and begins at 0', async () => {
    for (const track of renditions) {
        const source = (await packets(sourceOf(track), 'video', sourceOf(track))).packets;
        const { initialization, segments } = await demo.fetchTrack(server, track, 'fmp4');
        assert.equal(timescale(initialization), 90_000);
        const samples = segments.flatMap(samplesOf);
        assert.deepEqual(
            samples.map(({ pts }) => pts),
            source.map(({ pts }) => pts),
            track,
        );
        assert.equal(Math.min(...samples.map(({ pts }) => pts)), 0);
        // Decode times may not be below 0 (tfdt is unsigned): all are later by as much as the first would be.
        assert.deepEqual(
            samples.map(({ dts }) => dts),
            source.map(({ dts }) => dts - source[0].dts),
            track,
        );
        for (const [index, { dts, duration }] of samples.slice(0, -1).entries())
            assert.equal(dts + duration, samples[index + 1].dts, `${track}: sample ${index} lasts until the next`);
    }
});

test('fragmented sound has the times of the source', async () => {
    for (const track of demo.audioTracks) {
        const { initialization, segments } = await demo.fetchTrack(server, track, 'fmp4');
        assert.equal(timescale(initialization), 48_000);
        const samples = segments.flatMap(samplesOf);
        assert.deepEqual(
            samples.map(({ pts, dts }) => [pts, dts]),
            (await soundOf(track)).map(({ pts }) => [pts, pts]),
        );
    }
});

test('each segment begins where its playlist says, with a key frame, and sound begins with picture', async () => {
    for (const container of demo.containers) {
        const starts = {};
        for (const track of [...renditions, ...demo.audioTracks]) {
            const kind = track.startsWith('audio') ? 'audio' : 'video';
            const { playlist, initialization, segments } = await demo.fetchTrack(server, track, container);
            let expected = 0;
            starts[track] = [];
            for (const [index, segment] of segments.entries()) {
                const what = `${container} segment ${index} of ${track}`;
                const found = await readTimes(initialization, segment, container, kind, what);
                assert.ok(found.first.isKey, `${what} begins with a key frame`);
                assert.equal(found.start, found.firstStart, `${what}: nothing is shown before its first frame`);
                assert.ok(Math.abs(found.start - expected) < 2e-6, `${what} begins at ${found.start}, not ${expected}`);
                starts[track].push(found.start);
                expected += playlist.segments[index].duration;
            }
        }
        for (const track of renditions) assert.deepEqual(starts[track], starts[renditions[0]], `${container} ${track}`);
        for (const track of demo.audioTracks)
            for (const [index, start] of starts[track].entries())
                assert.ok(
                    Math.abs(start - starts[renditions[0]][index]) <= 1024 / 48_000,
                    `${container} ${track} ${index}`,
                );
    }
});

/** When a segment begins, in seconds of the presentation. */
async function readTimes(initialization, segment, container, kind, what) {
    const isTransportStream = container === 'ts';
    const found = isTransportStream
        ? await packets(segment, kind, what)
        : { ticksPerSecond: timescale(initialization), packets: samplesOf(segment) };
    const offset = isTransportStream ? transportStreamOffset : 0;
    const first = { isKey: true, ...found.packets[0] };
    const inSeconds = (ticks) => (ticks - offset) / found.ticksPerSecond;
    return {
        first,
        firstStart: inSeconds(first.pts),
        start: inSeconds(Math.min(...found.packets.map(({ pts }) => pts))),
    };
}

test('TS segments are continuous, and begin with the tables and a random access point', async () => {
    for (const track of [...renditions, ...demo.audioTracks]) {
        const { segments } = await demo.fetchTrack(server, track, 'ts');
        const all = [];
        for (const [index, segment] of segments.entries()) {
            const what = `segment ${index} of ${track}`;
            const found = readTransportStream(segment, what);
            assert.equal(found[0].pid, 0, `${what} begins with the PAT`);
            const elementary = found.find(({ clock }) => clock !== undefined);
            const first = found.find(({ pid }) => pid === elementary.pid);
            assert.ok(first.startsUnit && first.isRandomAccess && first.clock !== undefined, `${what}: its first unit`);
            all.push(...found);
        }
        assertContinuous(all, track);
        assert.ok(
            all.every(({ isDiscontinuous }) => !isDiscontinuous),
            `${track} announces no discontinuity`,
        );
        const clocks = all.map(({ clock }) => clock).filter((clock) => clock !== undefined);
        for (const [index, clock] of clocks.slice(1).entries()) {
            const step = clock - clocks[index];
            assert.ok(step > 0 && step <= 9_000, `${track}: the clock goes on by ${step} ticks; at most 100 ms`);
        }
    }
});

test('the index of each fragmented segment tells its fragments and how long they last', async () => {
    for (const track of [...renditions, ...demo.audioTracks]) {
        const { playlist, initialization, segments } = await demo.fetchTrack(server, track, 'fmp4');
        for (const [number, segment] of segments.entries()) {
            const what = `segment ${number} of ${track}`;
            const types = boxes(segment).map(({ type }) => type);
            assert.deepEqual(types.slice(0, 2), ['styp', 'sidx'], what);
            assert.deepEqual(
                types.slice(2),
                types.slice(2).map((_, index) => (index % 2 ? 'mdat' : 'moof')),
                what,
            );
            const index = box(segment, 'sidx');
            assert.equal(index.readUInt32BE(8), timescale(initialization), what);
            let at = boxes(segment)[2].at;
            let ticks = 0;
            for (let entry = 32; entry < index.length; entry += 12) {
                assert.equal(segment.toString('latin1', at + 4, at + 8), 'moof', what);
                at += index.readUInt32BE(entry);
                ticks += index.readUInt32BE(entry + 4);
            }
            assert.equal(at, segment.length, what);
            const { duration } = playlist.segments[number];
            assert.ok(Math.abs(ticks / timescale(initialization) - duration) < 2e-6, what);
        }
    }
});

for (const track of renditions)
    for (const container of demo.containers)
        test(`each key frame range of ${track} in ${container} decodes to that one picture`, async () => {
            const source = checksums(await decodedSource(track));
            const playlist = await demo.fetchPlaylist(server, track, container, 'iframes');
            const initialization = playlist.initialization
                ? (await server.get(playlist.initialization)).body
                : Buffer.alloc(0);
            let start = 0;
            const keyFrames = playlist.segments.map((segment) => {
                const frame = Math.round(start * framesPerSecond);
                start += segment.duration;
                return { ...segment, frame };
            });
            await forEachAtOnce(keyFrames, async ({ url, range, frame }) => {
                const headers = { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
                const answer = await server.request(url, { headers });
                assert.equal(answer.status, 206);
                assert.equal(answer.body.length, range.length);
                const what = `key frame ${frame} of ${track} in ${container}`;
                if (container === 'fmp4') assertEndsWithFirstSample(answer.body, what);
                // A range of fragmented MP4 holds the first sample of a fragment whose others are not there.
                const tolerated = container === 'fmp4' ? /partial file$/ : undefined;
                // A transport stream's tables lie before its first key frame, outside of the range (RFC 8216, 4.3.3.6).
                const tables = container === 'ts' ? (await server.get(url)).body.subarray(0, 2 * 188) : Buffer.alloc(0);
                const stream = Buffer.concat([initialization, tables, answer.body]);
                const frames = await decode(stream, 'video', what, tolerated);
                assert.deepEqual(checksums(frames), [source[frame]], what);
            });
        });

function assertEndsWithFirstSample(range, what) {
    assert.equal(boxes(range)[0].type, 'moof', what);
    const { bytes } = firstSampleOf(range);
    assert.equal(bytes.byteOffset + bytes.length, range.byteOffset + range.length, `${what}: where the range ends`);
}
