-- a copy of the database ships nothing in the name of the original and keeps no secret
UPDATE shipment_carrier_account
   SET active = false,
       credentials = NULL,
       environment = 'test';

-- nor does it print on the printers of the original
UPDATE shipment_printer
   SET active = false;
UPDATE shipment_print_job
   SET state = 'cancelled'
 WHERE state IN ('waiting', 'printing');
