import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, isMedia, WatchPage } from './harness/browser.mjs';
import { testVideos } from './harness/content.mjs';
import { Server } from './harness/server.mjs';

const combinations = [
    { player: 'hls.js', format: 'hls-ts' },
    { player: 'hls.js', format: 'hls-fmp4' },
    { player: 'dash.js', format: 'dash' },
    { player: 'shaka', format: 'hls-ts' },
    { player: 'shaka', format: 'hls-fmp4' },
    { player: 'shaka', format: 'dash' },
    { player: 'native', format: 'progressive' },
];
const swaps = 5;
/** Carries the tallest rendition three times over, and lets a segment take long enough to be swapped under. */
const bitsPerSecond = 10e6;

let server;
let browser;
before(async () => {
    // Segments of 2 s: one is always about to be fetched.
    const settings = { 'plugin.streaming.segment-duration': '2 s' };
    server = await Server.start({ videos: await testVideos('long-demo'), settings });
    browser = await launchBrowser();
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

async function generation() {
    const { data } = (await server.get('/readyz')).json;
    return data.plugins.find(({ id }) => id === 'streaming').generation;
}

async function swap() {
    const { exitCode, output, errors } = await server.ctl('swap', 'streaming');
    assert.equal(exitCode, 0, `${output}${errors}`);
}

/**
 * Fails when the picture stopped for want of media. With seconds of media loaded it was the machine that was too busy to
 * decode it in time, as one that compiles beside the test: that may last the blink of an eye.
 */
function assertNoStalls({ stalls, experience, events }) {
    const forWantOfMedia = stalls.filter(({ bufferedSeconds }) => bufferedSeconds < 1);
    assert.deepEqual(forWantOfMedia, [], JSON.stringify(events));
    assert.ok(experience.stalledSeconds < 0.5, JSON.stringify(events));
}

for (const { player, format } of combinations) {
    describe(`${player} with ${format}`, () => {
        let watch;
        before(async () => {
            watch = await WatchPage.open(browser, server, `/?video=demo&player=${player}&format=${format}`, { bitsPerSecond });
        });
        after(() => watch?.close());

        test('plays 10 s without a stall or error, through five swaps of streaming', async () => {
            await watch.play();
            const begin = await watch.read();
            const generationBefore = await generation();
            for (let count = 0; count < swaps; count += 1) {
                await watch.reach(begin.currentTime + count * 2);
                await watch.untilMediaIsFetched();
                await swap();
            }
            await watch.reach(begin.currentTime + 10);
            const end = await watch.read();
            assert.equal(await generation(), generationBefore + swaps);
            assertNoStalls(end);
            assert.equal(end.errors, 0, end.error);
            assert.ok(end.frames - begin.frames > 100, `${end.frames - begin.frames} pictures were decoded`);
            assert.ok(end.soundBytes > begin.soundBytes, 'sound was decoded');
            watch.assertNoProblems();
        });

        test('seeks forward and back', async () => {
            for (const target of [52, 5]) {
                const landed = await watch.seek(target);
                assert.ok(Math.abs(landed - target) < 0.5, `landed at ${landed} for ${target}`);
                await watch.playOn();
            }
        });

        test('changes quality down and up', async () => {
            for (const height of [360, 720]) {
                await watch.choose('quality', `${height}p`);
                await watch.untilHeight(height);
                await watch.untilChosen('quality', `${height}p`);
                await watch.playOn();
            }
        });

        test('shows subtitles, in the language chosen, and none again', async () => {
            await watch.untilNoSubtitle();
            await watch.choose('subtitles', 'Español');
            await watch.untilSubtitle(/Han pasado \d+ segundos/);
            await watch.choose('subtitles', 'English');
            await watch.untilSubtitle(/\d+ seconds/);
            await watch.choose('subtitles', 'Off');
            await watch.untilNoSubtitle();
            await watch.playOn();
        });

        if (player === 'native') {
            test('offers no other audio: the file has one', async () => {
                assert.ok(await watch.page.locator('#audio-button').isDisabled());
                await watch.untilTone(1000);
            });
        } else {
            test('switches audio', async () => {
                await watch.untilTone(1000);
                const fetched = watch.nextRequest((path) => isMedia(path) && path.includes('/audio-es/'));
                await watch.choose('audio', 'Español');
                await fetched;
                await watch.untilChosen('audio', 'Español');
                await watch.untilTone(600);
                await watch.playOn();
            });
        }

        test('all of it without an error or a failed request', async () => {
            const { errors, error, status } = await watch.read();
            assert.equal(errors, 0, error);
            assert.equal(status, 'ready');
            watch.assertNoProblems();
        });
    });
}
