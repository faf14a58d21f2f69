// HTTP as it is on the wire: nothing is decompressed, followed, retried or added.
import http from 'node:http';

/**
 * @param {string} url
 * @param {{method?: string, headers?: Record<string, string>}} options
 * @returns {Promise<{url: string, status: number, headers: http.IncomingHttpHeaders, body: Buffer,
 *                    text: string, json: any}>}  rejects when the connection breaks before the answer is whole
 */
export function request(url, { method = 'GET', headers = {} } = {}) {
    return new Promise((resolve, reject) => {
        const outgoing = http.request(url, { method, headers, agent: connections }, (incoming) => {
            const pieces = [];
            incoming.on('data', (piece) => pieces.push(piece));
            incoming.on('error', reject);
            incoming.on('end', () => resolve(answer(url, incoming, Buffer.concat(pieces))));
        });
        outgoing.on('error', reject);
        outgoing.end();
    });
}

const connections = new http.Agent({ keepAlive: true, maxSockets: 8 });

function answer(url, incoming, body) {
    return {
        url,
        status: incoming.statusCode,
        headers: incoming.headers,
        body,
        get text() {
            return body.toString('utf8');
        },
        get json() {
            return JSON.parse(this.text);
        },
    };
}
