"""The mock server in tests: an isolated server for each test.

For pytest the package installs the fixture `mockserver`. With `unittest`:

    class ClientTest(unittest.TestCase):
        def setUp(self) -> None:
            self.mockserver = self.enterContext(mockserver.testing.isolated(self.id()))
"""

from mockserver.client.mock import Mock, MockError
from mockserver.client.recorded import Recorded
from mockserver.testing.local import LocalServer, isolated, shared_server

__all__ = ["LocalServer", "Mock", "MockError", "Recorded", "isolated", "shared_server"]
