// MPEG-2 transport streams, byte by byte (ISO/IEC 13818-1).
import assert from 'node:assert/strict';

const packetSize = 188;

/**
 * The packets of a transport stream.
 *
 * @returns {{pid: number, counter: number, hasPayload: boolean, startsUnit: boolean, isRandomAccess: boolean,
 *            isDiscontinuous: boolean, clock?: number}[]}  `clock` is the PCR in 90 kHz ticks
 */
export function readTransportStream(bytes, what) {
    assert.equal(bytes.length % packetSize, 0, `${what} is of whole packets`);
    const packets = [];
    for (let at = 0; at < bytes.length; at += packetSize) {
        assert.equal(bytes[at], 0x47, `${what}: sync byte at ${at}`);
        const control = bytes[at + 3] >> 4;
        const hasAdaptation = (control & 2) !== 0 && bytes[at + 4] > 0;
        const flags = hasAdaptation ? bytes[at + 5] : 0;
        packets.push({
            pid: bytes.readUInt16BE(at + 1) & 0x1fff,
            counter: bytes[at + 3] & 0x0f,
            hasPayload: (control & 1) !== 0,
            startsUnit: (bytes[at + 1] & 0x40) !== 0,
            isDiscontinuous: (flags & 0x80) !== 0,
            isRandomAccess: (flags & 0x40) !== 0,
            ...(flags & 0x10 && { clock: bytes.readUInt32BE(at + 6) * 2 + (bytes[at + 10] >> 7) }),
        });
    }
    return packets;
}

/** Asserts that the continuity counter of each PID counts on, from the first packet to the last (2.4.3.3). */
export function assertContinuous(packets, what) {
    const counters = new Map();
    for (const [index, { pid, counter, hasPayload, isDiscontinuous }] of packets.entries()) {
        const last = counters.get(pid);
        if (last !== undefined && !isDiscontinuous) {
            const expected = hasPayload ? (last + 1) % 16 : last;
            assert.equal(counter, expected, `${what}: continuity counter of packet ${index}, PID ${pid}`);
        }
        counters.set(pid, counter);
    }
}
