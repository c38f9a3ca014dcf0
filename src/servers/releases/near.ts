import { BlockList, isIPv6 } from 'node:net';

/** Loopback, private and link-local addresses (RFC 1918, 3927, 4193, 4291). */
const localNetworks = new BlockList();
for (const [net, prefix] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
] as const) {
  localNetworks.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const) {
  localNetworks.addSubnet(net, prefix, 'ipv6');
}

/**
 * On a network of one's own, compressing takes longer than what it saves (measured: docs/adr/0003). A name may lead anywhere,
 * so it counts as far.
 */
export const isNear = (address: string): boolean =>
  /^[\d.]+$/.test(address) || isIPv6(address) ? localNetworks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') : false;
