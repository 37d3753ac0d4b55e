/** One buffer of this size receives for all connections: a read is consumed before the next begins. */
export const SHARED_RECEIVE_BYTES = 256 * 1024

/** After a frame of this size the next is read by itself; of smaller ones a read takes as many as have come. */
export const ALONE_FRAME_BYTES_MIN = 48 * 1024

/** What is read of a frame that is likely to be larger than the shared buffer, to see how large it is. */
export const FRONT_BYTES = 16 * 1024

/** From this many missing bytes on, a frame is read straight into its own buffer; below, a copy is cheaper than another read. */
export const DIRECT_READ_BYTES_MIN = 16 * 1024

/** Size of the smallest pooled buffer: a frame's first bytes, or a request cut by the end of a read. */
export const POOLED_BUFFER_BYTES_MIN = 1024

/**
 * What a frame gets before its bytes have come, whatever size it announces. Pages that are not touched cost nothing, so
 * this is not memory yet; beyond it the buffer doubles as bytes arrive.
 */
export const FRAME_FIRST_BUFFER_BYTES_MAX = 2 * 1024 * 1024

/** Unused receive buffers that are kept for the next frames, over all connections. */
export const POOL_IDLE_BYTES_MAX = 16 * 1024 * 1024

/** How often deadlines and idle connections are looked at. */
export const SWEEP_INTERVAL_MS = 1000

/** Requests of one connection served in one turn of the event loop before the others have theirs. */
export const REQUESTS_PER_TURN_MAX = 1024

/** From this size on a request has turns of the event loop of its own; smaller ones are over before anybody notices. */
export const LARGE_REQUEST_BYTES = 128 * 1024

/** Small requests with answers that may be very large that are worked on at the same time; the answers are made in turns. */
export const LARGE_ANSWERS_MAX = 16

/** How long `stop` waits for requests under way; long polls are ended at once. */
export const DRAIN_DEADLINE_MS = 2000

/** Text from a peer that goes to the log is cut here. */
export const LOGGED_TEXT_CHARS_MAX = 256

/** Connections refused or closed for their fault that get a log line each second; the rest are counted. */
export const COMPLAINTS_PER_SECOND_MAX = 20

/** Connections that may wait for the broker to be ready; more are closed, and their clients try again. */
export const EARLY_CONNECTIONS_MAX = 1000

/** A connection that is to end waits this long for a peer that takes none of the last answers. */
export const CLOSE_LINGER_MS = 5000

/** How long what a peer sends is thrown away after its last answer has left: by then it has seen the end, or is not looking. */
export const DISCARD_LINGER_MS = 500

/** Smaller receive buffers are not worth a place in the memory of the checksum. */
export const REGION_BUFFER_BYTES_MIN = 128 * 1024
