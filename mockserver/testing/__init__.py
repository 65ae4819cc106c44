"""The mock server in tests: a server of one's own for every test, without waiting and without sharing.

With pytest the fixture `mockserver` is there once the package is installed. With `unittest`:

    class ClientTest(unittest.TestCase):
        def setUp(self) -> None:
            self.mockserver = self.enterContext(mockserver.testing.isolated(self.id()))
"""

from mockserver.client.mock import Mock, MockError
from mockserver.client.recorded import Recorded
from mockserver.testing.local import LocalServer, isolated, shared_server

__all__ = ["LocalServer", "Mock", "MockError", "Recorded", "isolated", "shared_server"]
