// Numbers of the zip format (PKWARE's APPNOTE) that reading and writing share.

/** First bytes of each record. */
export const signatures = {
  local: 0x04034b50,
  central: 0x02014b50,
  end: 0x06054b50,
  end64: 0x06064b50,
  locator64: 0x07064b50,
};
/** In a 32-bit field: the value stands in a zip64 record. */
export const zip64 = 0xffffffff;
/** Id of the extra field that holds a member's 64-bit values. */
export const zip64Field = 1;
