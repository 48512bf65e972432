import { BlockList, isIP } from 'node:net';

/** IANA's special-purpose registries, and the addresses at which clouds hand out credentials. */
const RANGES: [kind: string, ...networks: string[]][] = [
  ['a cloud metadata address', '169.254.169.254/32', '100.100.100.200/32', '168.63.129.16/32', '192.0.0.192/32', 'fd00:ec2::/32'],
  ['a loopback address', '127.0.0.0/8', '::1/128'],
  ['an unspecified address', '0.0.0.0/8', '::/128'],
  ['a private address', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', 'fec0::/10'],
  ['a shared carrier address', '100.64.0.0/10'],
  ['a link-local address', '169.254.0.0/16', 'fe80::/10'],
  ['a multicast address', '224.0.0.0/4', 'ff00::/8'],
  ['an IPv4 address in IPv6 dress', '::ffff:0:0/96', '::/96', '64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', '2001::/32'],
  ['a reserved address', '192.0.0.0/24', '192.0.2.0/24', '192.88.99.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ['a reserved address', '240.0.0.0/4', '100::/64', '2001::/23', '2001:db8::/32', '3fff::/20', '5f00::/16'],
];

/** All that IANA has given out for the open network so far. */
const PUBLIC_IPV6 = listOf(['2000::/3']);

/** One list for each family: a BlockList would take `::ffff:10.0.0.1` for an IPv4 address, which is not what it was written as. */
const KINDS = RANGES.map(([kind, ...networks]) => ({
  kind,
  ipv4: listOf(networks.filter((network) => !network.includes(':'))),
  ipv6: listOf(networks.filter((network) => network.includes(':'))),
}));

function listOf(networks: string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    list.addSubnet(address, Number(prefix), address.includes(':') ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** What kind of address it is, in words, when it is none of the open network; undefined when it is. */
export function nonPublicKind(address: string): string | undefined {
  const bare = address.replace(/%.*$/, '');
  const version = isIP(bare);
  if (version === 0) return 'no address';
  const found = KINDS.find((entry) => (version === 4 ? entry.ipv4.check(bare, 'ipv4') : entry.ipv6.check(bare, 'ipv6')));
  if (found) return found.kind;
  return version === 4 || PUBLIC_IPV6.check(bare, 'ipv6') ? undefined : 'a reserved address';
}
