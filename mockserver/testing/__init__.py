"""The mock server in tests: a server of one's own for every test, without waiting and without sharing.

With pytest the fixture `mockserver` is there once the package is installed. With `unittest`:

    class ClientTest(unittest.TestCase):
        def setUp(self) -> None:
            self.mockserver = self.enterContext(mockserver.testing.isolated(self.id()))
"""

from mockserver.testing.local import LocalServer, isolated, shared_server
from mockserver.testing.mock import Mock, MockError
from mockserver.testing.recorded import Recorded

__all__ = ["LocalServer", "Mock", "MockError", "Recorded", "isolated", "shared_server"]
