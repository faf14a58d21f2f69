// Running programs to their end.
import { spawn } from 'node:child_process';
import os from 'node:os';

/**
 * Runs a program to its end.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {{input?: Buffer, environment?: Record<string, string>}} options  `input` is its standard input
 * @returns {Promise<{exitCode: number|null, signal: string|null, output: Buffer, errors: string}>}
 */
export function run(program, args, { input, environment = {} } = {}) {
    return new Promise((resolve, reject) => {
        const child = spawn(program, args, {
            stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'],
            env: { ...process.env, ...environment },
        });
        const output = [];
        const errors = [];
        child.on('error', reject);
        child.stdout.on('data', (data) => output.push(data));
        child.stderr.on('data', (data) => errors.push(data));
        child.on('close', (exitCode, signal) =>
            resolve({ exitCode, signal, output: Buffer.concat(output), errors: Buffer.concat(errors).toString() }),
        );
        if (input) {
            // A program that ends before it read all of it says why by its exit code.
            child.stdin.on('error', () => {});
            child.stdin.end(input);
        }
    });
}

/** Awaits `work` of all items, as many at a time as there are processors; the results keep the items' order. */
export async function forEachAtOnce(items, work) {
    const results = new Array(items.length);
    let next = 0;
    const worker = async () => {
        while (next < items.length) {
            const index = next++;
            results[index] = await work(items[index], index);
        }
    };
    await Promise.all(Array.from({ length: os.cpus().length }, worker));
    return results;
}
