// A playhouse server of a test's own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from './http.mjs';
import { playhouseBinary } from './paths.mjs';
import { run } from './program.mjs';

/** Of any step; only a server that hangs takes as long. */
const patience = 60_000;

export class Server {
    /**
     * Starts a server on a free port, and waits until every plugin serves and every video is indexed.
     *
     * @param {object} options
     * @param {string} [options.videos]   the folder of its videos, which is not written to
     * @param {string} [options.storage]  its whole storage; by default a new one, which goes with the server
     * @param {Record<string, string>} [options.settings]  configuration keys
     */
    static async start({ videos, storage, settings = {} } = {}) {
        const server = new Server(storage ?? mkdtempSync(path.join(os.tmpdir(), 'playhouse-')), storage === undefined);
        if (videos) symlinkSync(videos, path.join(server.storage, 'videos'));
        try {
            await server.#launch(settings);
            const folder = path.join(server.storage, 'videos');
            const ids = existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith('.')) : [];
            await server.library((found) => ids.every((id) => found.knows(id)));
        } catch (problem) {
            server.#child?.kill('SIGKILL');
            server.#removeStorage();
            throw problem;
        }
        return server;
    }

    /** Such as "http://127.0.0.1:41234". */
    origin = '';
    storage;
    /** What it wrote to standard error so far. */
    log = '';

    /** @param {string} target  a path with its query, or a URL of this server's */
    url(target) {
        return new URL(target, this.origin).href;
    }

    request(target, options) {
        return request(this.url(target), options);
    }

    /** The answer's data; fails unless it is 200. */
    async get(target, options) {
        const answer = await this.request(target, options);
        assert.equal(answer.status, 200, `${target}: ${answer.text.slice(0, 500)}`);
        return answer;
    }

    /** Runs playhousectl against this server. */
    ctl(...args) {
        return run(path.join(path.dirname(playhouseBinary()), 'playhousectl'), ['--socket', this.#socket, ...args]);
    }

    /** Waits until the log holds `text`; what was logged before counts too. */
    waitForLog(text) {
        return this.#waitFor(() => this.log.includes(text), `"${text}" in the log`);
    }

    /**
     * What GET /stream/videos answers, as soon as it is as wanted.
     *
     * @param {(library: {videos: object[], problems: object[], has: (id: string) => boolean,
     *          knows: (id: string) => boolean}) => boolean} isAsWanted
     *        `has` tells whether a video can be streamed, `knows` whether it can or is listed as a problem
     */
    async library(isAsWanted = () => true) {
        const deadline = Date.now() + patience;
        for (;;) {
            const { data } = (await this.get('/stream/videos')).json;
            const has = (id) => data.videos.some((video) => video.id === id);
            const knows = (id) => has(id) || data.problems.some((problem) => problem.id === id);
            const library = { ...data, has, knows };
            if (isAsWanted(library)) return library;
            if (Date.now() > deadline)
                throw new Error(`the library never was as wanted: ${JSON.stringify(data)}; the log:\n${this.log}`);
            await pause(50);
        }
    }

    /** Ends it as a supervisor does, and asserts that it ended well. */
    async stop() {
        process.off('exit', this.#kill);
        this.#child.kill('SIGTERM');
        try {
            await this.#waitFor(() => this.#end, 'its end');
        } finally {
            this.#child.kill('SIGKILL');
            this.#removeStorage();
        }
        const how = this.#end.signal ?? this.#end.code;
        assert.equal(how, 0, `playhouse ended with ${how}; its log:\n${this.log}`);
    }

    /** Ends it without a warning, as a crash does. */
    async crash() {
        this.#child.kill('SIGKILL');
        await this.#waitFor(() => this.#end, 'its end');
    }

    get hasEnded() {
        return this.#end !== undefined;
    }

    #child;
    #end;
    #output = '';
    #ownsStorage;
    #changed = new Set();
    #kill = () => {
        this.#child.kill('SIGKILL');
        this.#removeStorage();
    };

    constructor(storage, ownsStorage) {
        this.storage = storage;
        this.#ownsStorage = ownsStorage;
    }

    get #socket() {
        return path.join(this.storage, 'control.sock');
    }

    async #launch(settings) {
        const all = {
            'server.address': '127.0.0.1',
            'server.port': '0',
            'storage.path': this.storage,
            'control.socket': this.#socket,
            'plugins.enable-all': 'true',
            ...settings,
        };
        const { PORT, STORAGE_PATH, ...environment } = process.env;
        const args = Object.entries(all).flatMap(([key, value]) => ['-D', `${key}=${value}`]);
        this.#child = spawn(playhouseBinary(), args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment });
        process.on('exit', this.#kill);
        this.#child.stdout.on('data', (data) => this.#grow(() => (this.#output += data)));
        this.#child.stderr.on('data', (data) => this.#grow(() => (this.log += data)));
        this.#child.on('error', (problem) => this.#grow(() => (this.#end = { code: problem.message })));
        this.#child.on('close', (code, signal) => this.#grow(() => (this.#end ??= { code, signal })));
        const ready = /is ready: (http:\/\/[^/\s]+)/;
        await this.#waitFor(() => ready.test(this.#output), 'the line that it is ready');
        this.origin = ready.exec(this.#output)[1];
        await this.get('/readyz');
    }

    #grow(change) {
        change();
        for (const check of this.#changed) check();
    }

    #waitFor(isThere, what) {
        return new Promise((resolve, reject) => {
            const finish = (settle, value) => {
                clearTimeout(timer);
                this.#changed.delete(check);
                settle(value);
            };
            const fail = (why) => finish(reject, new Error(`${why} waiting for ${what}; the log:\n${this.log}`));
            const check = () => {
                if (isThere()) finish(resolve);
                else if (this.#end) fail(`playhouse ended (${this.#end.code ?? this.#end.signal})`);
            };
            const timer = setTimeout(() => fail('gave up'), patience);
            this.#changed.add(check);
            check();
        });
    }

    #removeStorage() {
        if (this.#ownsStorage) rmSync(this.storage, { recursive: true, force: true });
    }
}
