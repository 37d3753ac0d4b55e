export type { AnyApi, Api, ResponseOf } from './api.ts'
export { errorName } from './error-codes.ts'
export { EncodedFrame, encodeFrame, encodeFrameInTurns, FrameSizeError, FrameSplitter } from './frame.ts'
export * from './generated/apis.ts'
export { ErrorCode } from './generated/error-codes.ts'
export { RequestHeader, ResponseHeader } from './generated/headers.ts'
export {
  apiByKey,
  readRequestHeader,
  requestHeaderVersion,
  responseHeaderVersion,
  writeResponseHeader,
} from './header.ts'
