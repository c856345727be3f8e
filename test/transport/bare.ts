export { FakeKibitzer as Bare, envelope } from '../../src/transport/conformance/fake-kibitzer.js'
