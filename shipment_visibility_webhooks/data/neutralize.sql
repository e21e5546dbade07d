-- a copy of the database accepts nothing in the name of the original
UPDATE shipment_webhook_endpoint
   SET active = false,
       secret = NULL,
       previous_secret = NULL,
       is_secret_new = false,
       token = left(
           translate(
               replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''),
               'abcdef',
               '012345'
           ),
           40
       );

-- and whoever watches the original is not told of its copy
DELETE FROM ir_config_parameter
 WHERE key = 'shipment_visibility_webhooks.metrics_token';

-- nor does it tell other systems anything
UPDATE shipment_subscription
   SET active = false,
       secret = NULL,
       previous_secret = NULL;

-- also not later, when somebody tries a subscription out in the copy
UPDATE shipment_outbox
   SET state = 'given_up'
 WHERE state = 'waiting';
