// Just enough bencode to see whether a .torrent is one.
import { createHash } from "node:crypto";

/** Its infohash (hex), file name and size. Throws at anything that is not strict bencode. */
export function readTorrent(bytes) {
  const { value, end, info } = read(bytes, 0);
  if (end !== bytes.length) throw new Error("more follows");
  return {
    infohash: createHash("sha1").update(bytes.subarray(...info)).digest("hex"),
    name: value.info.name.toString(),
    length: value.info.length,
    pieces: value.info.pieces.length / 20,
  };
}

function read(bytes, at) {
  const kind = String.fromCharCode(bytes[at]);
  if (kind === "i") {
    const end = bytes.indexOf("e", at);
    const digits = bytes.toString("latin1", at + 1, end);
    if (!/^(0|-?[1-9]\d*)$/.test(digits)) throw new Error(`a number at ${at}`);
    return { value: Number(digits), end: end + 1 };
  }
  if (kind === "l" || kind === "d") {
    const value = kind === "l" ? [] : {};
    let info, last = "";
    at += 1;
    while (bytes[at] !== 0x65) {
      const first = read(bytes, at);
      if (kind === "l") { value.push(first.value); at = first.end; continue; }
      const key = first.value.toString("latin1");
      if (key <= last) throw new Error(`the key ${key} at ${at}`);
      const second = read(bytes, first.end);
      if (key === "info") info = [first.end, second.end];
      value[key] = second.value;
      [at, last] = [second.end, key];
    }
    return { value, end: at + 1, info };
  }
  const colon = bytes.indexOf(":", at);
  const digits = bytes.toString("latin1", at, colon);
  if (!/^(0|[1-9]\d*)$/.test(digits)) throw new Error(`a string at ${at}`);
  const end = colon + 1 + Number(digits);
  if (end > bytes.length) throw new Error("the string is cut");
  return { value: bytes.subarray(colon + 1, end), end };
}
