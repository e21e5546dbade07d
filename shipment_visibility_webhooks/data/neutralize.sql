-- a copy of the database accepts nothing in the name of the original
UPDATE shipment_webhook_endpoint
   SET active = false,
       secret = NULL,
       previous_secret = NULL;
