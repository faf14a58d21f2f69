// Accounts as a viewer meets them: on the watch page, in a browser.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { launchBrowser, WatchPage } from './harness/browser.mjs';
import { testVideos } from './harness/content.mjs';
import { Server } from './harness/server.mjs';

const password = 'quartz lantern ferry 71';

let server;
let browser;
let watch;

before(async () => {
    const settings = {
        'plugin.auth.demo-accounts': 'true',
        'plugin.auth.registrations-per-minute': '1000',
        'plugin.auth.logins-per-minute': '1000',
    };
    server = await Server.start({ videos: await testVideos('demo'), settings });
    browser = await launchBrowser();
});
afterEach(async () => {
    await watch?.close();
    watch = undefined;
});
after(async () => {
    await browser?.close();
    await server?.stop();
});

async function open(options) {
    watch = await WatchPage.open(browser, server, '/', options);
    await watch.page.getByTestId('log-in').waitFor();
    return watch.page;
}

async function fill(page, fields) {
    for (const [name, value] of Object.entries(fields)) await page.getByTestId(`login-${name}`).fill(value);
    await page.getByTestId('login-submit').click();
}

async function register(page, name) {
    await page.getByTestId('log-in').click();
    await page.getByTestId('login-switch').click();
    await fill(page, { email: `${name}@example.org`, username: name, password });
    await untilLoggedIn(page, name);
}

async function logIn(page, email, secret) {
    await page.getByTestId('log-in').click();
    await fill(page, { email, password: secret });
}

async function untilLoggedIn(page, name) {
    await page.getByTestId('account-name').and(page.getByText(name, { exact: true })).waitFor();
    await page.getByTestId('login').waitFor({ state: 'hidden' });
}

async function logOut(page) {
    await page.getByTestId('log-out').click();
    await page.getByTestId('log-in').waitFor();
}

async function problem(page, name, text) {
    await page.getByTestId(name).and(page.getByText(text)).waitFor();
}

test('a viewer makes an account, logs out, and logs in again, while the film plays', async () => {
    const page = await open();
    await page.getByTestId('video-card').first().click();
    await watch.reach(0.5);
    await register(page, 'ann');
    assert.equal(await page.getByTestId('account-tier').textContent(), 'free');
    await logOut(page);
    assert.ok(await page.getByTestId('account-name').isHidden());
    await logIn(page, 'ANN@example.org ', password);
    await untilLoggedIn(page, 'ann');
    await watch.playOn();
    watch.assertNoProblems();
});

test('who is logged in stays so over a reload and in other tabs, and logs out of all of them', async () => {
    const page = await open();
    await register(page, 'bea');
    await page.reload();
    await untilLoggedIn(page, 'bea');
    const other = await page.context().newPage();
    await other.goto(server.url('/'));
    await untilLoggedIn(other, 'bea');
    await Promise.all([page.reload(), other.reload()]);
    await Promise.all([untilLoggedIn(page, 'bea'), untilLoggedIn(other, 'bea')]);
    await logOut(other);
    await page.getByTestId('log-in').waitFor();
    await page.reload();
    await page.getByTestId('log-in').waitFor();
    watch.assertNoProblems();
});

test('each field says what is wrong with it', async () => {
    const page = await open();
    await page.getByTestId('log-in').click();
    await page.getByTestId('login-switch').click();
    await fill(page, { email: 'nobody', username: 'admin', password: 'password' });
    await problem(page, 'login-email-problem', 'e-mail address');
    await problem(page, 'login-username-problem', 'Choose another');
    await problem(page, 'login-password-problem', 'guessed first');
    await fill(page, { email: 'cat@example.org', username: 'cat', password });
    await untilLoggedIn(page, 'cat');
    await logOut(page);
    await page.getByTestId('log-in').click();
    await page.getByTestId('login-switch').click();
    await fill(page, { email: 'Cat@Example.org', username: 'kitty', password });
    await problem(page, 'login-email-problem', 'Another account');
});

test('a wrong password is told as one of address or password', async () => {
    const page = await open();
    await register(page, 'dan');
    await logOut(page);
    await logIn(page, 'dan@example.org', 'not the one');
    await problem(page, 'login-problem', 'The e-mail address or the password is not right.');
    await fill(page, { password });
    await untilLoggedIn(page, 'dan');
});

test('the accounts for a demonstration log in, each with its role', async () => {
    const file = path.join(server.storage, 'demo-credentials.json');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const credentials = JSON.parse(readFileSync(file, 'utf8'));
    assert.deepEqual(Object.keys(credentials).sort(), ['admin', 'moderator', 'viewer']);
    const page = await open();
    for (const [role, { email, password: secret }] of Object.entries(credentials)) {
        await logIn(page, email, secret);
        await untilLoggedIn(page, `demo-${role}`);
        assert.equal(await page.getByTestId('account-tier').textContent(), role === 'viewer' ? 'premium' : role);
        await logOut(page);
    }
    watch.assertNoProblems();
});

test('who is suspended is logged out at the next refresh, and told why when he logs in', async () => {
    const page = await open();
    await register(page, 'eve');
    const { admin } = JSON.parse(readFileSync(path.join(server.storage, 'demo-credentials.json'), 'utf8'));
    const ask = async (target, body, token) => {
        const headers = { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) };
        const answer = await fetch(server.url(target), { ...(body && { method: 'POST', body: JSON.stringify(body) }), headers });
        assert.equal(answer.status, 200, target);
        return (await answer.json()).data;
    };
    const { accessToken } = await ask('/auth/login', admin);
    const { users } = await ask('/auth/admin/users?search=eve', undefined, accessToken);
    await ask(`/auth/admin/users/${users[0].id}/suspend`, { reason: 'spoilers' }, accessToken);
    await page.reload();
    await page.getByTestId('log-in').waitFor();
    await logIn(page, 'eve@example.org', password);
    await problem(page, 'login-problem', 'This account is suspended: spoilers');
});

test('the page has no way to log in while the server has no accounts', async () => {
    const page = await open();
    const disabled = await server.ctl('disable', 'auth');
    assert.equal(disabled.exitCode, 0, disabled.errors);
    try {
        await page.getByTestId('log-in').waitFor({ state: 'hidden' });
    } finally {
        await server.ctl('enable', 'auth');
    }
    await page.getByTestId('log-in').waitFor();
});

test('logging in and out fits a phone of 360 pixels', async () => {
    const page = await open({ viewport: { width: 360, height: 740 } });
    const sticksOut = () =>
        page.evaluate(() =>
            [...document.querySelectorAll('.masthead *, .login[open] *')]
                .filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > innerWidth)
                .map((element) => element.outerHTML),
        );
    assert.deepEqual(await sticksOut(), []);
    await page.getByTestId('log-in').click();
    assert.deepEqual(await sticksOut(), []);
    await page.keyboard.press('Escape');
    await register(page, 'a-name-of-32-letters-which-is-al');
    assert.deepEqual(await sticksOut(), []);
    await logOut(page);
    watch.assertNoProblems();
});
