// SHA-256 of a whole file, in constant memory.
// WebCrypto can't hash a stream. hash-wasm (MIT) does at twice the speed of a hash in JavaScript,
// and the right to compile it is in the worker's content policy alone, not in the page's.
export const BLOCK = 4 * 2 ** 20;

async function newHash() {
  await import("../vendor/hash-wasm-4.13.0-sha256.js");
  const hash = await globalThis.hashwasm.createSHA256();
  return hash.init();
}

const read = (file, start) => file.slice(start, Math.min(start + BLOCK, file.size)).arrayBuffer();

// Hex. `between` is awaited after each block with the bytes that were hashed; it may hold or throw.
export async function fileHash(file, between) {
  const hash = await newHash();
  let next = read(file, 0);
  for (let start = 0; start < file.size; start += BLOCK) {
    const block = new Uint8Array(await next);
    if (start + BLOCK < file.size) next = read(file, start + BLOCK); // while this one is hashed
    hash.update(block);
    await between(start + block.length);
  }
  return hash.digest("hex");
}

// The base64 that S3 takes as `x-amz-checksum-sha256`.
export async function partChecksum(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return btoa(String.fromCharCode(...digest));
}
