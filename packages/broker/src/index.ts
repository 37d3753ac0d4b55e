export { handlers } from './handlers/index.ts'
export { registry } from './registry.ts'
