// Chromium, and the watch page in it as a viewer uses it.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

/** Of any step; only a player that hangs takes as long. */
const patience = 30_000;

/** Debian's Chromium, or $PLAYHOUSE_CHROMIUM. */
export function launchBrowser() {
    return chromium.launch({
        executablePath: process.env.PLAYHOUSE_CHROMIUM ?? '/usr/bin/chromium',
        args: [
            '--headless',
            '--no-sandbox',
            '--disable-gpu',
            '--disable-quic',
            '--no-first-run',
            '--disable-background-networking',
            '--disable-component-update',
            '--disable-sync',
            '--autoplay-policy=no-user-gesture-required',
        ],
    });
}

export class WatchPage {
    /**
     * Opens the watch page in a fresh profile, and waits for its script.
     *
     * @param {import('playwright-core').Browser} browser
     * @param {import('./server.mjs').Server} server
     * @param {string} target  such as "/?video=demo&player=shaka&format=dash"
     * @param {object} options
     * @param {{width: number, height: number}} [options.viewport]
     * @param {'light'|'dark'} [options.colours]
     * @param {number} [options.bitsPerSecond]  what the network carries; without it, all that it can. It stays: to
     *        lift it is a change of network to players, and they adapt
     */
    static async open(browser, server, target = '/', { viewport, colours, bitsPerSecond } = {}) {
        const context = await browser.newContext({
            viewport: viewport ?? { width: 800, height: 600 },
            colorScheme: colours ?? 'light',
            locale: 'en-GB',
        });
        context.setDefaultTimeout(patience);
        const watch = new WatchPage(await context.newPage(), server.origin);
        if (bitsPerSecond) await watch.#throttle(bitsPerSecond);
        watch.answer = await watch.page.goto(server.url(target));
        await watch.until(() => window.playhouse !== undefined);
        return watch;
    }

    page;
    /** The answer to the page's own request. */
    answer;
    /** What went wrong so far that a viewer, or an engineer who looks at the console, would see. */
    problems = [];
    /** The addresses of all requests, without the origin, oldest first. */
    requests = [];

    #origin;
    #mediaInFlight = new Set();

    constructor(page, origin) {
        this.page = page;
        this.#origin = origin;
        page.on('request', (request) => this.#began(request));
        page.on('requestfinished', (request) => this.#mediaInFlight.delete(request));
        page.on('requestfailed', (request) => this.#failed(request));
        page.on('response', (response) => {
            if (response.status() >= 400) this.#report(`${response.status()} for ${this.#pathOf(response.url())}`);
        });
        page.on('console', (message) => {
            if (message.type() === 'error') this.#report(`console: ${message.text()}`);
        });
        page.on('pageerror', (error) => this.#report(`exception: ${error.stack}`));
    }

    async close() {
        await this.page.context().close();
    }

    assertNoProblems() {
        assert.deepEqual(this.problems, []);
    }

    /** Forgets what went wrong so far: a test broke it on purpose. */
    forgiveProblems() {
        this.problems = [];
    }

    /** Waits until a function holds in the page. */
    async until(holds, argument, what = String(holds)) {
        try {
            await this.page.waitForFunction(holds, argument, { polling: 50, timeout: patience });
        } catch (error) {
            const told = [`never in the page: ${what} ${JSON.stringify(argument) ?? ''}`, await this.#describe()];
            throw new Error(told.join('\n'), { cause: error });
        }
    }

    /** What `video`, the element, and `state`, what the page says of itself, hold now. */
    read() {
        return this.page.evaluate(() => {
            const { video, state, session, events } = window.playhouse;
            return {
                currentTime: video.currentTime,
                paused: video.paused,
                height: video.videoHeight,
                frames: video.getVideoPlaybackQuality().totalVideoFrames,
                soundBytes: video.webkitAudioDecodedByteCount,
                status: state.status,
                errors: session.errors,
                error: state.error,
                experience: state.experience,
                stalls: events.filter(({ type }) => type === 'stall').map(({ detail }) => detail),
                events: events.map(({ at, type, detail }) => ({ at, type, detail })),
            };
        });
    }

    /** Presses play as soon as the player has what it needs, and waits until the picture moves. */
    async play() {
        await this.until(() => window.playhouse.state.status === 'ready');
        await this.page.locator('#play').click();
        await this.until(() => !window.playhouse.video.paused && window.playhouse.video.currentTime > 0);
    }

    /** Waits until playback has come to `seconds` of media time. */
    reach(seconds) {
        return this.until((time) => window.playhouse.video.currentTime >= time, seconds, 'played to');
    }

    /** Waits until `seconds` more of media time have been played. */
    async playOn(seconds = 1) {
        const { currentTime, frames } = await this.read();
        await this.reach(currentTime + seconds);
        assert.ok((await this.read()).frames > frames, 'the picture moves on');
    }

    /** Drags the seek bar to `seconds`; returns where playback landed. */
    async seek(seconds) {
        const since = await this.#now();
        await this.page.locator('#seek').fill(String(seconds));
        const landed = (begin) => window.playhouse.events.find(({ at, type }) => at >= begin && type === 'video.seeked');
        await this.until(landed, since, 'seeked');
        return (await this.read()).events.find(({ at, type }) => at >= since && type === 'video.seeked').detail;
    }

    /** Chooses an entry of one of the player's menus: 'quality', 'audio' or 'subtitles'. */
    async choose(menu, entry) {
        await this.page.locator(`#${menu}-button`).click();
        const item = this.page.locator(`#${menu}-menu`).getByRole('menuitemradio', { name: entry });
        await item.click();
    }

    /** Waits until the menu's button says that `entry` is chosen. */
    untilChosen(menu, entry) {
        const says = ([id, text]) => document.getElementById(id).getAttribute('aria-label').endsWith(`: ${text}`);
        return this.until(says, [`${menu}-button`, entry], 'chosen');
    }

    untilHeight(height) {
        return this.until((wanted) => window.playhouse.video.videoHeight === wanted, height, 'picture of height');
    }

    /** Waits until a subtitle that matches is on the picture. */
    untilSubtitle(pattern) {
        const isShown = (source) => {
            const showing = [...window.playhouse.video.textTracks].filter(({ mode }) => mode === 'showing');
            const cues = showing.flatMap(({ activeCues }) => [...(activeCues ?? [])]);
            return cues.some(({ text }) => new RegExp(source).test(text));
        };
        return this.until(isShown, pattern.source, 'subtitle');
    }

    untilNoSubtitle() {
        return this.until(() =>
            [...window.playhouse.video.textTracks].every(({ mode, activeCues }) => mode !== 'showing' || !activeCues?.length),
        );
    }

    /** Waits until a tone of `hertz` is heard, the loudest of all. */
    untilTone(hertz) {
        const isHeard = (wanted) => {
            const ears = (window.ears ??= (() => {
                const context = new AudioContext();
                const analyser = new AnalyserNode(context, { fftSize: 4096, smoothingTimeConstant: 0 });
                context.createMediaElementSource(window.playhouse.video).connect(analyser).connect(context.destination);
                return { analyser, levels: new Float32Array(analyser.frequencyBinCount) };
            })());
            ears.analyser.getFloatFrequencyData(ears.levels);
            const loudest = ears.levels.indexOf(Math.max(...ears.levels));
            const width = ears.analyser.context.sampleRate / ears.analyser.fftSize;
            return ears.levels[loudest] > -60 && Math.abs(loudest * width - wanted) < 2 * width;
        };
        return this.until(isHeard, hertz, 'tone of hertz');
    }

    /** Waits until media is on its way to the player, at once when it is. */
    async untilMediaIsFetched() {
        if (this.#mediaInFlight.size === 0) await this.nextRequest(isMedia);
    }

    /** The path of the next request that is as wanted. */
    async nextRequest(isWanted) {
        const request = await this.page.waitForRequest((candidate) => isWanted(this.#pathOf(candidate.url())));
        return this.#pathOf(request.url());
    }

    async #throttle(bitsPerSecond) {
        const developerTools = await this.page.context().newCDPSession(this.page);
        await developerTools.send('Network.emulateNetworkConditions', {
            offline: false,
            latency: 0,
            downloadThroughput: bitsPerSecond / 8,
            uploadThroughput: -1,
        });
    }

    /** For an engineer who wonders why a test failed. */
    async #describe() {
        const page = await this.page
            .evaluate(() => {
                const { video, state, events } = window.playhouse;
                const { currentTime, paused, seeking, readyState, playbackRate, buffered } = video;
                const ranges = Array.from({ length: buffered.length }, (_, index) => [buffered.start(index), buffered.end(index)]);
                const { status, error, experience, stats } = state;
                const element = { currentTime, paused, seeking, readyState, playbackRate, buffered: ranges };
                return JSON.stringify({ status, error, experience, stats, element, events: events.slice(-12) });
            })
            .catch(String);
        const inFlight = [...this.#mediaInFlight].map((request) => this.#pathOf(request.url()));
        return [
            `problems: ${this.problems.join('; ') || 'none'}`,
            `the last requests: ${this.requests.slice(-8).join(' ')}`,
            `without an answer yet: ${inFlight.join(' ') || 'none'}`,
            `the page: ${page}`,
        ].join('\n');
    }

    #now() {
        return this.page.evaluate(() => performance.now());
    }

    #pathOf(url) {
        return url.startsWith(this.#origin) ? url.slice(this.#origin.length) : url;
    }

    #began(request) {
        const path = this.#pathOf(request.url());
        if (/^(blob|data):/.test(path)) return;
        this.requests.push(path);
        if (!path.startsWith('/')) this.#report(`a request leaves this server: ${path}`);
        if (isMedia(path)) this.#mediaInFlight.add(request);
    }

    #failed(request) {
        this.#mediaInFlight.delete(request);
        // So end requests that a player takes back: when it seeks or changes the rendition.
        const { errorText } = request.failure();
        if (errorText !== 'net::ERR_ABORTED') this.#report(`${errorText} for ${this.#pathOf(request.url())}`);
    }

    #report(problem) {
        this.problems.push(problem);
    }
}

/** Whether a path is one of picture or sound. */
export function isMedia(path) {
    return /segment-\d+\.(ts|m4s)(\?|$)|^\/stream\/progressive\//.test(path);
}
