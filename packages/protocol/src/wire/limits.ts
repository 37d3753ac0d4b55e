/** Kafka 4.4 refuses an array with more elements than this, whatever room the message has. */
export const arrayElementsMax = 1_000_000

/** Kafka 4.4 refuses a section with more tagged fields than this. */
export const taggedFieldsMax = 10_000

/** The length of a string must fit a signed 16-bit number, in the compact form too. */
export const stringBytesMax = 32_767

/**
 * Elements and tagged fields of one message together. Kafka bounds each array alone, so that arrays within arrays could
 * still make objects of many times the frame's size.
 */
export const messageElementsMax = 2_000_000
