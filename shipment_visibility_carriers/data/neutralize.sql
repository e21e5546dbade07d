-- a copy of the database ships nothing in the name of the original and keeps no secret
UPDATE shipment_carrier_account
   SET active = false,
       credentials = NULL,
       environment = 'test',
       test_outcome = NULL,
       test_message = NULL;
DELETE FROM shipment_account_connect_line;
DELETE FROM shipment_account_connect;
-- what the original asks of a carrier is not pursued by its copy
UPDATE shipment_booking
   SET state = 'refused',
       error = 'Neutralized copy of a database: what became of it is not known here.'
 WHERE state IN ('requested', 'unknown');
UPDATE shipment_booking
   SET state = 'voided',
       error = 'Neutralized copy of a database: not cancelled from here.'
 WHERE state IN ('answered', 'voiding');
UPDATE shipment_booking_run
   SET state = 'stopped'
 WHERE state = 'running';

-- nor does it print on the printers of the original
UPDATE shipment_printer
   SET active = false;
UPDATE shipment_print_job
   SET state = 'cancelled'
 WHERE state IN ('waiting', 'printing');

-- nor does it fetch the invoices that are meant for the original
UPDATE shipment_carrier_invoice_source
   SET active = false,
       password_stored = NULL,
       private_key_stored = NULL,
       host_key = NULL,
       host_key_offered = NULL;
