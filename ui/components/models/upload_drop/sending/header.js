// The start of a file that tells what it is: 8 bytes with the header's length, then the header.
const PREFIX = 8;

// At most `most` bytes of a header; of a file that is no safetensors the first ones, which the
// dashboard refuses in its own words.
export async function headerBytes(file, most) {
  const prefix = await file.slice(0, PREFIX).arrayBuffer();
  if (prefix.byteLength < PREFIX) return prefix;
  const length = new DataView(prefix).getBigUint64(0, true);
  if (length > BigInt(most)) return prefix;
  return file.slice(0, PREFIX + Number(length)).arrayBuffer();
}
