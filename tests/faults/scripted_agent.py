# SPDX-License-Identifier: LGPL-2.1-or-later

"""An agent that answers as the real one does, and freezes nothing."""

import contextlib
import json


class ScriptedAgent:
    def __init__(self):
        self.status = 'thawed'

    def answer(self, request):
        """The answer to one command, in bytes."""
        match request['execute']:
            case 'guest-sync-delimited':
                return b'\xff' + json.dumps({'return': request['arguments']['id']}).encode()
            case 'guest-fsfreeze-status':
                answer = {'return': self.status}
            case 'guest-fsfreeze-freeze' if self.status == 'thawed':
                self.status = 'frozen'
                answer = {'return': 1}
            case 'guest-fsfreeze-thaw':
                answer = {'return': int(self.status == 'frozen')}
                self.status = 'thawed'
            case command:
                answer = {'error': {'class': 'GenericError', 'desc': f'{command} is not allowed now'}}
        return json.dumps(answer).encode()


def serve(listener):
    """One client after the other, for ever; what a client that is gone has asked for is done, too."""
    agent = ScriptedAgent()
    while True:
        client, _ = listener.accept()
        with client, client.makefile('rb') as lines, contextlib.suppress(OSError):
            for line in lines:
                client.sendall(agent.answer(json.loads(line[line.rfind(b'\xff') + 1:])) + b'\n')
