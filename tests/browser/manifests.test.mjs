import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { framesPerSecond, renditions, seconds } from './harness/content.mjs';
import * as demo from './harness/demo.mjs';
import { attributesOf, parseDash, parsePlaylist } from './harness/playlists.mjs';
import { assertRefusal } from './harness/refusals.mjs';

const dashPath = '/stream/dash/demo/manifest.mpd';
const shapes = { '360p': [640, 360], '720p': [1280, 720], '1080p': [1920, 1080] };
const languageLabels = { de: 'Deutsch', en: 'English', es: 'Español', fr: 'Français' };
const audioLanguages = ['en', 'es'];

let server;
before(async () => (server = await demo.startDemoServer()));
after(() => server?.stop());

async function master(container, query = {}) {
    const parameters = new URLSearchParams({ ...(container === 'fmp4' && { container }), ...query });
    const target = `/stream/hls/demo/master.m3u8?${parameters}`;
    return parsePlaylist((await server.get(target)).text, target);
}

async function dash(query = {}) {
    const target = `${dashPath}?${new URLSearchParams(query)}`;
    return parseDash((await server.get(target)).text, server.url(target));
}

/** The bit rates of a track, as RFC 8216 section 4.1 defines them. */
function measure({ playlist, segments }) {
    const bits = segments.map((segment) => segment.length * 8);
    let peak = 0;
    for (let first = 0; first < segments.length; ++first)
        for (let next = first, size = 0, span = 0; next < segments.length; ++next) {
            size += bits[next];
            span += playlist.segments[next].duration;
            const targets = span / playlist.targetDuration;
            if (targets >= 0.5 && targets <= 1.5) peak = Math.max(peak, size / span);
        }
    return { peak, average: bits.reduce((sum, size) => sum + size) / playlist.duration };
}

const heights = ({ videoJs }) => videoJs.playlists.map(({ attributes }) => attributes.RESOLUTION.height);
const dashHeights = ({ manifest }) =>
    manifest.playlists.map(({ attributes }) => attributes.RESOLUTION.height).sort((left, right) => left - right);
const dashLanguages = ({ manifest }) => Object.values(manifest.mediaGroups.AUDIO.audio).map(({ language }) => language);

for (const container of demo.containers) {
    const query = container === 'fmp4' ? '?container=fmp4' : '';

    test(`the ${container} master playlist offers every rendition`, async () => {
        const { videoJs, strict } = await master(container);
        assert.equal(strict.isMasterPlaylist, true);
        assert.equal(videoJs.independentSegments, true);
        assert.deepEqual(
            videoJs.playlists.map(({ uri }) => uri),
            renditions.map((name) => `${name}/playlist.m3u8${query}`),
        );
        for (const [index, name] of renditions.entries()) {
            const { attributes } = videoJs.playlists[index];
            const [width, height] = shapes[name];
            assert.deepEqual(attributes.RESOLUTION, { width, height });
            assert.equal(attributes['FRAME-RATE'], framesPerSecond);
            assert.match(attributes.CODECS, /^avc1\.[0-9a-f]{6},mp4a\.40\.2$/);
            assert.equal(attributes.AUDIO, 'audio');
            assert.equal(attributes.SUBTITLES, 'subtitles');
            assert.equal(strict.variants[index].bandwidth, attributes.BANDWIDTH);
        }
    });

    test(`the ${container} master playlist offers every language`, async () => {
        const { AUDIO, SUBTITLES } = (await master(container)).videoJs.mediaGroups;
        const audio = audioLanguages.map((language, index) => [
            languageLabels[language],
            { default: index === 0, autoselect: true, language, uri: `audio-${language}/playlist.m3u8${query}` },
        ]);
        assert.deepEqual(AUDIO, { audio: Object.fromEntries(audio) });
        const subtitles = demo.subtitleLanguages.map((language) => [
            languageLabels[language],
            {
                default: false,
                autoselect: true,
                forced: false,
                language,
                uri: `subtitles-${language}/playlist.m3u8${query}`,
            },
        ]);
        assert.deepEqual(SUBTITLES, { subtitles: Object.fromEntries(subtitles) });
    });

    test(`the ${container} master playlist offers key frames and thumbnails for scrubbing`, async () => {
        const { videoJs, lines } = await master(container);
        assert.deepEqual(
            videoJs.iFramePlaylists.map(({ uri, attributes }) => [uri, attributes.RESOLUTION.height]),
            renditions.map((name) => [`${name}/iframes.m3u8${query}`, shapes[name][1]]),
        );
        for (const { attributes } of videoJs.iFramePlaylists) assert.match(attributes.CODECS, /^avc1\.[0-9a-f]{6}$/);
        const images = lines.filter((line) => line.startsWith('#EXT-X-IMAGE-STREAM-INF:')).map(attributesOf);
        assert.equal(images.length, 1);
        const { URI, RESOLUTION, CODECS } = images[0];
        assert.deepEqual(
            { URI, RESOLUTION, CODECS },
            { URI: 'thumbnails/playlist.m3u8', RESOLUTION: '160x90', CODECS: 'jpeg' },
        );
    });

    test(`${container} variants declare the bandwidth that their segments need`, async () => {
        const rate = async (track) => measure(await demo.fetchTrack(server, track, container));
        const sound = await Promise.all(demo.audioTracks.map(rate));
        const loudest = (kind) => Math.max(...sound.map((track) => track[kind]));
        for (const { uri, attributes } of (await master(container)).videoJs.playlists) {
            const picture = await rate(uri.split('/')[0]);
            for (const [kind, name] of [
                ['peak', 'BANDWIDTH'],
                ['average', 'AVERAGE-BANDWIDTH'],
            ]) {
                const off = attributes[name] / (picture[kind] + loudest(kind)) - 1;
                assert.ok(off > -1e-5 && off < 0.005, `${uri}: ${name} is off by ${off}`);
            }
        }
    });

    for (const track of [...renditions, ...demo.audioTracks])
        test(`the ${container} playlist of ${track} lasts as long as the video`, async () => {
            const { segments, initialization, duration, targetDuration } = await demo.fetchPlaylist(
                server,
                track,
                container,
            );
            const frame = track.startsWith('audio') ? 1024 / 48000 : 0;
            assert.ok(Math.abs(duration - seconds) <= frame + 1e-6, `${duration} s`);
            assert.equal(targetDuration, 4);
            assert.equal(segments.length, 6);
            assert.equal(initialization !== undefined, container === 'fmp4');
            for (const { url } of segments) assert.match(url, /\?v=[0-9a-f]+$/);
        });

    for (const language of demo.subtitleLanguages)
        test(`the ${container} playlist of the ${language} subtitles lasts as long as the video`, async () => {
            const { segments, duration } = await demo.fetchPlaylist(server, `subtitles-${language}`, container);
            assert.equal(duration, seconds);
            for (const { url } of segments) await server.get(url);
        });

    for (const track of renditions)
        test(`the ${container} playlist of the key frames of ${track} lasts as long as the video`, async () => {
            const target = demo.playlistPath(track, container, 'iframes');
            const { videoJs, strict } = parsePlaylist((await server.get(target)).text, target);
            assert.equal(videoJs.iFramesOnly, true);
            assert.equal(strict.isIFrame, true);
            const { segments, duration } = await demo.fetchPlaylist(server, track, container, 'iframes');
            assert.equal(duration, seconds);
            assert.equal(segments.length, Math.ceil(seconds / 2), 'one key frame each two seconds');
            for (const { range } of segments) assert.ok(range.length > 0);
        });
}

test('the playlist of the thumbnails tells their layout', async () => {
    const target = '/stream/hls/demo/thumbnails/playlist.m3u8';
    const { segments, duration } = await demo.fetchPlaylist(server, 'thumbnails', 'ts');
    assert.equal(duration, seconds);
    assert.equal(segments.length, 1);
    const { lines } = parsePlaylist((await server.get(target)).text, target);
    assert.ok(lines.includes('#EXT-X-IMAGES-ONLY'));
    const tiles = attributesOf(lines.find((line) => line.startsWith('#EXT-X-TILES:')));
    assert.deepEqual(
        { ...tiles, DURATION: Number(tiles.DURATION) },
        { RESOLUTION: '160x90', LAYOUT: '5x5', DURATION: 2 },
    );
});

test('DASH offers the same segments as HLS with fragmented MP4', async () => {
    const { manifest } = await dash();
    const videos = manifest.playlists.map((playlist) => [playlist.attributes.NAME, playlist]);
    const sounds = Object.values(manifest.mediaGroups.AUDIO.audio).map(({ playlists: [playlist] }) => [
        playlist.attributes.NAME,
        playlist,
    ]);
    const tracks = Object.fromEntries([...videos, ...sounds]);
    assert.deepEqual(Object.keys(tracks).sort(), [...renditions, ...demo.audioTracks].sort());
    assert.equal(manifest.duration, seconds);
    for (const [name, playlist] of Object.entries(tracks)) {
        const hls = await demo.fetchPlaylist(server, name, 'fmp4');
        assert.deepEqual(
            playlist.segments.map(({ resolvedUri }) => resolvedUri),
            hls.segments.map(({ url }) => url),
        );
        let start = 0;
        for (const [index, { duration, presentationTime, map }] of playlist.segments.entries()) {
            assert.ok(Math.abs(duration - hls.segments[index].duration) < 2e-6, `${name} ${index}: ${duration} s`);
            assert.ok(Math.abs(presentationTime - start) < 1e-5, `${name} ${index} begins at ${presentationTime} s`);
            assert.equal(map.resolvedUri, hls.initialization);
            start += duration;
        }
    }
});

test('DASH describes every rendition, language and thumbnail', async () => {
    const { manifest, document } = await dash();
    for (const name of renditions) {
        const { attributes } = manifest.playlists.find((playlist) => playlist.attributes.NAME === name);
        const [width, height] = shapes[name];
        assert.deepEqual(attributes.RESOLUTION, { width, height });
        assert.equal(attributes['FRAME-RATE'], framesPerSecond);
        assert.match(attributes.CODECS, /^avc1\.[0-9a-f]{6}$/);
    }
    assert.deepEqual(dashLanguages({ manifest }), audioLanguages);
    const subtitles = Object.values(manifest.mediaGroups.SUBTITLES.subs).map(({ language, playlists: [playlist] }) => [
        language,
        playlist.resolvedUri,
    ]);
    assert.deepEqual(
        subtitles,
        demo.subtitleLanguages.map((language) => [language, server.url(`/stream/subtitles/demo/${language}.vtt`)]),
    );
    const sets = Array.from(document.getElementsByTagName('AdaptationSet'));
    const images = sets.filter((set) => set.getAttribute('contentType') === 'image');
    assert.equal(images.length, 1);
    const tile = images[0].getElementsByTagName('EssentialProperty')[0];
    assert.equal(tile.getAttribute('schemeIdUri'), 'http://dashif.org/guidelines/thumbnail_tile');
    assert.equal(tile.getAttribute('value'), '5x5');
});

test('filters leave the same renditions in HLS and DASH', async () => {
    const cases = [
        [{ maxHeight: '720' }, [360, 720]],
        [{ minHeight: '720' }, [720, 1080]],
        [{ minHeight: '720', maxHeight: '720' }, [720]],
        [{ maxBitrate: '3500000' }, [360, 720]],
        [{ codecs: 'avc1.4d401e' }, [360]],
        [{ codecs: 'avc1,mp4a' }, [360, 720, 1080]],
        [{ codecs: 'mp4a.40.2', maxHeight: '360' }, [360]],
    ];
    for (const [query, expected] of cases) {
        const what = JSON.stringify(query);
        for (const container of demo.containers)
            assert.deepEqual(heights(await master(container, query)), expected, what);
        assert.deepEqual(dashHeights(await dash(query)), expected, what);
    }
});

test('the filter "audio" leaves those languages alone', async () => {
    for (const audio of ['es', 'en', 'es,en']) {
        const expected = audioLanguages.filter((language) => audio.split(',').includes(language));
        for (const container of demo.containers) {
            const groups = Object.values((await master(container, { audio })).videoJs.mediaGroups.AUDIO.audio);
            assert.deepEqual(
                groups.map(({ language }) => language),
                expected,
            );
            assert.equal(groups.filter((group) => group.default).length, 1, 'one of them is the default');
        }
        assert.deepEqual(dashLanguages(await dash({ audio })), expected);
    }
});

test('a filter with a wrong value is refused, and the answer names it', async () => {
    const wrong = [
        ['maxHeight', 'tall'],
        ['maxHeight', '0'],
        ['maxHeight', ''],
        ['minHeight', '-1'],
        ['minHeight', '7.5'],
        ['maxBitrate', '2M'],
        ['maxBitrate', '99999999999999999999'],
        ['codecs', ''],
        ['codecs', 'avc1;drop'],
        ['audio', '"'],
    ];
    for (const path of ['/stream/hls/demo/master.m3u8', dashPath])
        for (const [parameter, value] of wrong) {
            const answer = await server.request(`${path}?${new URLSearchParams({ [parameter]: value })}`);
            assertRefusal(answer, 400, 'INVALID_PARAMETER');
            assert.equal(answer.json.error.details.parameter, parameter);
        }
    const both = await server.request(`${dashPath}?minHeight=720&maxHeight=360`);
    assertRefusal(both, 400, 'INVALID_PARAMETER');
    assertRefusal(await server.request('/stream/hls/demo/master.m3u8?container=webm'), 400, 'INVALID_PARAMETER');
});

test('filters that leave nothing are answered 404', async () => {
    const impossible = ['maxHeight=100', 'minHeight=5000', 'maxBitrate=1', 'codecs=hvc1', 'audio=fi', 'codecs=opus'];
    for (const path of ['/stream/hls/demo/master.m3u8', dashPath])
        for (const query of impossible) {
            const answer = await server.request(`${path}?${query}`);
            assertRefusal(answer, 404, 'NO_MATCHING_RENDITION');
            assert.deepEqual(answer.json.error.details.renditions, renditions);
        }
});
