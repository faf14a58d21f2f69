// The envelope of an error.
import assert from 'node:assert/strict';

/** Asserts that `answer` refuses with this status and code, in the envelope that every error has. */
export function assertRefusal(answer, status, code) {
    assert.equal(answer.status, status, `${answer.url}: ${answer.text}`);
    assert.match(answer.headers['content-type'], /^application\/json/);
    const { success, error, timestamp } = answer.json;
    assert.equal(success, false);
    assert.equal(error.code, code, answer.url);
    assert.ok(error.message.length > 0);
    assert.ok(!Number.isNaN(Date.parse(timestamp)));
}
