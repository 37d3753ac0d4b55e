/** Kafka 4.4 refuses an array with more elements than this, whatever room the message has. */
export const arrayElementsMax = 1_000_000

/** Kafka 4.4 refuses a section with more tagged fields than this. */
export const taggedFieldsMax = 10_000

/** The length of a string must fit a signed 16-bit number, in the compact form too. */
export const stringBytesMax = 32_767
