/** Which IP addresses are on the public internet. All others lead to machines that a stranger has no business with. */
import { isIPv4, isIPv6 } from "node:net";

/** First address and bits of the prefix. (IANA IPv4 special-purpose address registry) */
const SPECIAL_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8], // this network
  ["10.0.0.0", 8], // private
  ["100.64.0.0", 10], // shared by a provider's customers
  ["127.0.0.0", 8], // loopback
  ["169.254.0.0", 16], // link-local: clouds keep their credentials there
  ["172.16.0.0", 12], // private
  ["192.0.0.0", 24], // protocol assignments
  ["192.0.2.0", 24], // documentation
  ["192.88.99.0", 24], // relays to IPv6
  ["192.168.0.0", 16], // private
  ["198.18.0.0", 15], // benchmarks
  ["198.51.100.0", 24], // documentation
  ["203.0.113.0", 24], // documentation
  ["224.0.0.0", 3], // multicast, reserved and broadcast
];

/** Parts of 2000::/3 that are not public, or hold an IPv4 address. (IANA IPv6 special-purpose address registry) */
const SPECIAL_V6: readonly (readonly [string, number])[] = [
  ["2001::", 23], // protocol assignments, Teredo among them
  ["2001:db8::", 32], // documentation
  ["2002::", 16], // 6to4
  ["3fff::", 20], // documentation
];

/** @param address an IP address without brackets; anything else is not public */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address))
    return !SPECIAL_V4.some(([first, bits]) => within(v4(address), v4(first), 32, bits));
  if (!isIPv6(address) || address.includes("%")) return false;
  const bits = v6(address);
  // Only 2000::/3 is given out; loopback, local, mapped and translated addresses lie outside of it.
  if (bits >> 125n !== 1n) return false;
  return !SPECIAL_V6.some(([first, length]) => within(bits, v6(first), 128, length));
}

function within(address: bigint, first: bigint, width: number, bits: number): boolean {
  const rest = BigInt(width - bits);
  return address >> rest === first >> rest;
}

function v4(address: string): bigint {
  return address.split(".").reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function v6(address: string): bigint {
  // The last 32 bits may be written as an IPv4 address.
  const text = address.replace(/(\d+\.\d+\.\d+\.\d+)$/, (tail) => {
    const bits = v4(tail);
    return `${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
  });
  const [head = "", tail] = text.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...new Array<string>(zeros).fill("0"), ...right];
  return groups.reduce((bits, group) => (bits << 16n) | BigInt(`0x${group}`), 0n);
}
