export { Double as Bare, envelope } from '../../src/transport/conformance/fake-kibitzer.js'
