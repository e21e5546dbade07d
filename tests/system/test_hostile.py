"""A thousand requests that nobody honest sends; ``make faults`` sends ten thousand."""

import dev.faults.hostile  # noqa: F401  (importing registers the scenario)
from dev.faults.harness import scenarios
from dev.faults.world import SECRET
from dev.hostile import wire
from dev.hostile.stage import TACTICS
from dev.polling import eventually
from dev.simulator import webhooks

SEED = 19
REQUESTS = 1000


def test_no_hostile_request_is_let_in_or_does_harm(world_database):
    counts = scenarios()["hostile"].run(world_database, SEED, REQUESTS)
    print(f"\nhostile, seed {SEED}: {counts}")
    assert counts["hostile requests"] >= REQUESTS
    assert counts["ways of being hostile"] == len(TACTICS)


def test_a_message_that_breaks_off_is_400_stores_nothing_and_is_counted(world, rows):
    body = b'{"id": "breaks off"}'
    path = world.webhook_url.removeprefix(world.server.url)
    headers = wire.measured(webhooks.signed(body, SECRET).items(), body)
    request = wire.Request("cut_off", "", path, headers, body[:-1])
    answer = wire.send(world.server.port, request)
    assert answer.status == 400
    assert b"broken off" in answer.content
    assert not rows(
        "SELECT 1 FROM shipment_webhook_receipt"
        " WHERE digest = encode(sha256(:'body'::bytea), 'hex');",
        body=body[:-1].decode(),
    )
    eventually(
        lambda: rows(
            "SELECT 1 FROM shipment_metric"
            " WHERE name = 'refused' AND labels::json ->> 'reason' = 'broken_off';"
        ),
        "the refusal is counted",
    )
