/**
 * What goes on of a view-only session's messages after ClientInit, done the plain way: all bytes are
 * there, each message is cut off by the table of its lengths, and put with those that go on or not.
 */
export function viewOnlyReference(bytes: Buffer): Buffer {
  const passed: Buffer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const type = rest.readUInt8(0);
    const message = rest.subarray(0, lengthOf(type, rest));
    rest = rest.subarray(message.length);
    if (type === 2) passed.push(withoutForbidden(message));
    else if ([3, 150, 248].includes(type)) passed.push(message);
  }
  return Buffer.concat(passed);
}

function lengthOf(type: number, bytes: Buffer): number {
  switch (type) {
    case 0:
      return 20;
    case 2:
      return 4 + bytes.readUInt16BE(2) * 4;
    case 3:
    case 150:
      return 10;
    case 4:
      return 8;
    case 5:
      return bytes.readUInt8(1) >= 128 ? 7 : 6;
    case 6:
      return 8 + Math.abs(bytes.readInt32BE(4));
    case 248:
      return 9 + bytes.readUInt8(8);
    case 250:
      return 4;
    case 251:
      return 8 + 16 * bytes.readUInt8(6);
    case 255:
      return 12;
    default:
      throw new Error(`type ${type}`);
  }
}

const FORBIDDEN = ['fffffec4', 'fffffefe', 'fffffecb', 'fffffecc', 'c0a1e5ce'];

function withoutForbidden(message: Buffer): Buffer {
  const list = message.subarray(4).toString('hex').match(/.{8}/g) ?? [];
  const left = list.filter((encoding) => !FORBIDDEN.includes(encoding));
  const count = left.length.toString(16).padStart(4, '0');
  const padding = message.subarray(1, 2).toString('hex');
  return Buffer.from(`02${padding}${count}${left.join('')}`, 'hex');
}
