DROP TABLE IF EXISTS range_{range};
DROP TABLE IF EXISTS sorted_{range};
