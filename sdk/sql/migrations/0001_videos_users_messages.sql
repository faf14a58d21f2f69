-- What all services share. Times are in UTC.
CREATE TABLE videos (
    id UUID NOT NULL PRIMARY KEY,
    title VARCHAR(255),
    description TEXT,
    duration INTEGER,
    upload_date TIMESTAMP,
    status VARCHAR(50)
);

CREATE TABLE users (
    id UUID NOT NULL PRIMARY KEY,
    email VARCHAR(255) UNIQUE,
    username VARCHAR(100) UNIQUE,
    subscription_tier VARCHAR(50),
    created_at TIMESTAMP
);

CREATE TABLE chat_messages (
    id UUID NOT NULL PRIMARY KEY,
    room_id VARCHAR(100),
    user_id UUID,
    message TEXT,
    timestamp TIMESTAMP
);

CREATE INDEX chat_messages_room_id_timestamp ON chat_messages (room_id, timestamp);
