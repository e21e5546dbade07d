-- a copy of the database ships nothing in the name of the original and keeps no secret
UPDATE shipment_carrier_account
   SET active = false,
       credentials = NULL,
       environment = 'test';
