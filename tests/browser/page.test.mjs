import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { launchBrowser, WatchPage } from './harness/browser.mjs';
import { testVideos } from './harness/content.mjs';
import { playhouseBinary } from './harness/paths.mjs';
import { Server } from './harness/server.mjs';

let root;
let server;
let browser;
let watch;

before(async () => {
    root = mkdtempSync(path.join(os.tmpdir(), 'playhouse-page-'));
    mkdirSync(path.join(root, 'storage'));
    mkdirSync(path.join(root, 'plugins'));
    symlinkSync(await testVideos('long-demo'), path.join(root, 'storage', 'videos'));
    for (const id of ['streaming', 'watch']) install(id);
    server = await start();
    browser = await launchBrowser();
});
afterEach(async () => {
    await watch?.close();
    watch = undefined;
});
after(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(root, { recursive: true, force: true });
});

const library = (id) => path.join(root, 'plugins', `${id}.so`);

function install(id) {
    copyFileSync(path.join(playhouseBinary(), '..', '..', 'lib', 'plugins', `${id}.so`), library(id));
}

/** A plugin directory of its own lets a test break a library. */
function start(port = '0') {
    const settings = { 'plugins.directory': path.join(root, 'plugins'), 'server.port': port };
    return Server.start({ storage: path.join(root, 'storage'), settings });
}

async function open(target, options) {
    watch = await WatchPage.open(browser, server, target, options);
    return watch;
}

async function ctl(...args) {
    const { exitCode, output, errors } = await server.ctl(...args);
    assert.equal(exitCode, 0, `playhousectl ${args.join(' ')}: ${output}${errors}`);
}

const untilPlugin = (page, id, state) =>
    page.until(
        ([plugin, wanted]) => document.querySelector(`[data-plugin="${plugin}"]`)?.dataset.state === wanted,
        [id, state],
        'plugin in the panel',
    );

const untilServerState = (pattern) =>
    watch.until((source) => new RegExp(source).test(document.getElementById('server-state').textContent), pattern.source);

test('lists the videos with their posters, and plays the one chosen', async () => {
    await open('/');
    const card = watch.page.getByTestId('video-card');
    await card.waitFor();
    assert.equal(await card.count(), 1);
    assert.match(await card.textContent(), /1:00/);
    await watch.until(() => document.querySelector('[data-testid=video-card] img')?.naturalWidth > 0);
    assert.ok((await watch.read()).paused, 'nothing plays before the viewer asks for it');
    await card.click();
    await watch.reach(1);
    assert.match(watch.page.url(), /\/watch\/demo\?/);
    watch.assertNoProblems();
});

test('a link to a video opens it, with its title in the head for messengers', async () => {
    await open('/watch/demo?player=shaka&format=dash');
    assert.match(await watch.answer.text(), /property="og:title"/);
    await watch.play();
    assert.equal(await watch.page.evaluate(() => window.playhouse.state.source.player), 'shaka');
    assert.ok(await watch.page.locator('#format-dash').isChecked());
    watch.assertNoProblems();
});

test('a link to a video that is not there says so, and lists what is', async () => {
    await open('/watch/nothing');
    assert.equal(watch.answer.status(), 404);
    await watch.page.getByText('There is no such video').waitFor();
    await watch.page.getByTestId('video-card').waitFor();
    watch.forgiveProblems(); // The browser reports the 404 of the page itself.
    await watch.page.getByTestId('video-card').click();
    await watch.reach(1);
    watch.assertNoProblems();
});

test('the player and the format change while it plays, and playback goes on where it was', async () => {
    await open('/watch/demo?player=hls.js&format=hls-ts');
    await watch.play();
    await watch.seek(20);
    await watch.playOn();
    const ways = [['player', 'dash.js'], ['player', 'shaka'], ['format', 'hls-fmp4'], ['player', 'native'], ['player', 'hls.js']];
    for (const [kind, id] of ways) {
        const before = (await watch.read()).currentTime;
        await watch.page.locator(`label:has([id="${kind}-${id}"])`).click();
        await watch.until(
            ([name, value]) => window.playhouse.state.source[name] === value && window.playhouse.state.status === 'ready',
            [kind, id],
        );
        await watch.reach(before + 0.5);
        const { currentTime } = await watch.read();
        assert.ok(currentTime < before + 5, `${id} went on at ${currentTime}, after ${before}`);
    }
    watch.assertNoProblems();
});

test('a swap shows in the panel and in the graph within seconds', async () => {
    await open('/');
    await untilPlugin(watch, 'streaming', 'serving');
    const row = watch.page.locator('[data-plugin=streaming]');
    const generation = Number(await row.getAttribute('data-generation'));
    const begin = Date.now();
    await ctl('swap', 'streaming');
    await watch.page.locator(`[data-plugin=streaming][data-generation="${generation + 1}"]`).waitFor();
    assert.ok(Date.now() - begin < 6000, `after ${Date.now() - begin} ms`);
    assert.match(await row.textContent(), new RegExp(`gen ${generation + 1}`));
    await watch.page.locator('#graph[data-swaps="1"]').waitFor();
    watch.assertNoProblems();
});

test('while streaming is off the page says so, and playback goes on without a reload when it is on again', async () => {
    const ways = ['player=hls.js&format=hls-ts', 'player=dash.js&format=dash', 'player=shaka&format=dash', 'player=native'];
    // Slow enough that none has loaded what is sought before streaming is off.
    const opened = ways.map((way) => WatchPage.open(browser, server, `/watch/demo?${way}`, { bitsPerSecond: 4e6 }));
    const pages = await Promise.all(opened);
    try {
        await Promise.all(pages.map((page) => page.play()));
        await ctl('disable', 'streaming');
        await Promise.all(
            pages.map(async (page) => {
                await untilPlugin(page, 'streaming', 'disabled');
                await page.page.locator('#seek').fill('50');
                await page.until(
                    (text) => document.getElementById('stage-message').checkVisibility() && document.body.innerText.includes(text),
                    'Streaming is off on this server',
                );
            }),
        );
        await ctl('enable', 'streaming');
        await Promise.all(pages.map((page) => page.reach(51)));
    } finally {
        await server.ctl('enable', 'streaming');
        await Promise.all(pages.map((page) => page.close()));
    }
});

test('a plugin that cannot be started shows as failed, with the reason, until it serves', async () => {
    await open('/');
    await untilServerState(/Ready · 2 plugins/);
    await ctl('disable', 'streaming');
    writeFileSync(`${library('streaming')}.broken`, 'no library');
    renameSync(`${library('streaming')}.broken`, library('streaming'));
    const { exitCode } = await server.ctl('enable', 'streaming');
    rmSync(library('streaming'));
    install('streaming');
    assert.equal(exitCode, 1);
    await untilPlugin(watch, 'streaming', 'failed');
    await untilServerState(/Not ready: streaming failed/);
    await ctl('enable', 'streaming');
    await untilPlugin(watch, 'streaming', 'serving');
    await untilServerState(/Ready · 2 plugins/);
});

test('playback goes on without a reload after the server was restarted', async () => {
    await open('/watch/demo?player=hls.js&format=hls-fmp4', { bitsPerSecond: 10e6 });
    await watch.play();
    const { port } = new URL(server.origin);
    await server.stop();
    await watch.page.locator('#banner').waitFor({ state: 'visible' });
    await untilServerState(/Unreachable/);
    server = await start(port);
    await watch.page.locator('#banner').waitFor({ state: 'hidden' });
    await watch.seek(50);
    await watch.reach(51);
});

for (const width of [360, 390]) {
    test(`fits a phone of ${width} pixels`, async () => {
        await open('/', { viewport: { width, height: 844 } });
        await watch.play();
        await watch.page.locator('#quality-button').click();
        await untilPlugin(watch, 'streaming', 'serving');
        const scrolled = await watch.page.evaluate(() => {
            window.scrollTo(1000, 0);
            return window.scrollX;
        });
        assert.equal(scrolled, 0, 'nothing sticks out to the side');
        watch.assertNoProblems();
    });
}
