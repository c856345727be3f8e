export { Double as Bare, envelope } from '../../src/transport/double.js'
